package import SystemPackage

/// The names of what is being written, which say whose it is: `.maskdb-<host>-<process>-<random>`.
///
/// Hidden from listings. The host is a digest of its identity and boot, so that no process of another
/// host that has the folder too is taken for one of this.
package enum TemporaryName {
  private static let mark = ".maskdb"

  private static let host: String = {
    var hasher = ContentHasher()
    hasher.update(text: HostIdentity.text)
    return String(hasher.finish().high, radix: 36)
  }()

  /// A name in the folder of `path` that nothing has.
  static func beside(_ path: FilePath) -> FilePath {
    let parts = [mark, host, String(HostIdentity.process), random]
    return path.removingLastComponent().appending(parts.joined(separator: "-"))
  }

  /// A name beside `path` for what must not be lost, which no process removes.
  static func kept(beside path: FilePath) -> FilePath {
    path.removingLastComponent().appending("\(mark)-kept-\(random)")
  }

  private static var random: String { String(UInt64.random(in: .min ... .max), radix: 36) }

  /// Removes from `folder` what processes of this user on this host were writing when they died.
  ///
  /// What other hosts write stays, for they cannot be asked, and so does all else that cannot be removed.
  package static func sweep(_ folder: FilePath) {
    guard HostIdentity.boot != nil else { return }
    let folder = folder.isEmpty ? "." : folder
    for name in (try? Folder.names(in: folder)) ?? [] where isAbandoned(name) {
      try? SystemCalls.removeOwn(folder.appending(name))
    }
  }

  private static func isAbandoned(_ name: String) -> Bool {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == mark, parts[1] == host, let process = Int64(parts[2]) else {
      return false
    }
    return process > 0 && !HostIdentity.hasProcess(process)
  }
}
