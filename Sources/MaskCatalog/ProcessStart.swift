internal import Foundation

/// When a process of this host started, as Linux tells; nil where it does not.
struct ProcessStart {
  /// Seconds since 1970, rounded down.
  let seconds: Int64

  /// Field 22 of /proc/PID/stat counts clock ticks, a hundred a second on every Linux, since the
  /// boot, whose time is in /proc/stat.
  init?(of process: Int64) {
    guard let stat = Self.text("/proc/\(process)/stat"), let boot = Self.bootTime else {
      return nil
    }
    // The second field is a name in parentheses, which may hold anything.
    let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
    guard fields.count > 20, let ticks = Int64(fields[20]) else { return nil }
    seconds = boot + ticks / 100
  }

  private static var bootTime: Int64? {
    text("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
      .flatMap { Int64($0.dropFirst(6)) }
  }

  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
