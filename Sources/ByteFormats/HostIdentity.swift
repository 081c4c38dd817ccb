internal import SystemPackage

/// What tells the processes that this one can ask after from all others.
package enum HostIdentity {
  /// What tells one boot of a host from every other, as Linux has it.
  package static let boot: String? = contents(of: "/proc/sys/kernel/random/boot_id")

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
}
