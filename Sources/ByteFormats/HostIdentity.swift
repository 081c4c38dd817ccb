internal import SystemPackage

/// What tells the processes that this one can ask after from all others.
package enum HostIdentity {
  /// What tells one boot of a host from every other, as Linux has it.
  package static let boot: String? = contents(of: "/proc/sys/kernel/random/boot_id")?
    .split(separator: "\n").first.map { String($0) }

  /// The host and its boot, for hosts may have one name, and where processes have numbers of their own
  /// the namespace: two containers of one host cannot ask after each other's processes.
  package static let text: String = {
    let namespace = SystemCalls.target(ofLink: "/proc/self/ns/pid")
    return [SystemCalls.hostName ?? "unknown", boot, namespace].compactMap(\.self).joined(
      separator: " "
    )
  }()

  /// Whether a process of this host has the number `process`; that may be another one by now.
  package static func hasProcess(_ process: Int64) -> Bool {
    SystemCalls.hasProcess(process)
  }

  /// The number of this process.
  package static var process: Int64 { SystemCalls.process }

  /// When `process` of this host started, in seconds since 1970, rounded down; nil where the system is
  /// no Linux and does not tell.
  ///
  /// Field 22 of /proc/PID/stat counts clock ticks, a hundred a second on every Linux, since the boot,
  /// whose time is in /proc/stat.
  package static func start(of process: Int64) -> Int64? {
    guard let stat = contents(of: FilePath("/proc/\(process)/stat")), let bootTime else {
      return nil
    }
    // The second field is a name in parentheses, which may hold anything.
    let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
    guard fields.count > 20, let ticks = Int64(fields[20]) else { return nil }
    return bootTime + ticks / 100
  }

  private static var bootTime: Int64? {
    contents(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
      .flatMap { Int64($0.dropFirst(6)) }
  }

  /// A file of /proc, which has no size until it is read.
  private static func contents(of path: FilePath) -> String? {
    guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else {
      return nil
    }
    defer { try? file.close() }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = unsafe part.withUnsafeMutableBytes { try? unsafe file.read(into: $0) }
      guard let count, count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += part[..<count]
    }
  }
}
