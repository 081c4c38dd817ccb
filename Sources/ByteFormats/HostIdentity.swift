internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// What tells the processes that this one can ask after from all others.
package enum HostIdentity {
  /// What tells one boot of a host from every other, as Linux has it.
  package static let boot: String? = contents(of: "/proc/sys/kernel/random/boot_id")

  /// The host and its boot, for hosts may have one name, and where processes have numbers of their own
  /// the namespace: two containers of one host cannot ask after each other's processes.
  package static let text: String = {
    let host = unsafe text { unsafe gethostname($0, $1 - 1) == 0 }
    let namespace = unsafe text { unsafe readlink("/proc/self/ns/pid", $0, $1 - 1) > 0 }
    return [host ?? "unknown", boot, namespace].compactMap(\.self).joined(separator: " ")
  }()

  /// Whether a process of this host has the number `process`; that may be another one by now.
  package static func hasProcess(_ process: Int64) -> Bool {
    guard let number = pid_t(exactly: process), number > 0 else { return false }
    return kill(number, 0) == 0 || errno == EPERM
  }

  /// The number of this process.
  package static var process: Int64 { Int64(getpid()) }

  /// The first line of a small file of /proc.
  private static func contents(of path: FilePath) -> String? {
    guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else {
      return nil
    }
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe bytes.withUnsafeMutableBytes { try? unsafe file.read(into: $0) }
    let text = String(decoding: bytes.prefix(count ?? 0), as: UTF8.self)
    return text.split(separator: "\n").first.map { String($0) }
  }

  /// The text that a C function writes into a buffer of the length it is told; nil where it fails.
  private static func text(_ fill: (UnsafeMutablePointer<CChar>, Int) -> Bool) -> String? {
    var buffer = [CChar](repeating: 0, count: 256)
    let isFilled = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return false }
      return unsafe fill(start, buffer.count)
    }
    guard isFilled else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
