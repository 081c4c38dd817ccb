public import SystemPackage

/// What the file system says about a file, as far as it tells whether two looks saw the same one.
public struct FileStatus: Sendable, Hashable {
  /// The kinds that matter here.
  public enum Kind: Sendable, Hashable {
    case file
    case folder
    case other
  }

  /// The kind, behind symbolic links.
  public let kind: Kind
  /// The length in bytes.
  public let size: Int
  /// When the content last changed, in nanoseconds since 1970.
  public let modified: Int
  /// When content, name or permissions last changed, in nanoseconds since 1970: no program sets it.
  public let inodeChanged: Int
  /// The file system it is on.
  public let device: UInt64
  /// Its number there.
  public let inode: UInt64

  /// What tells a file from every other there is, whatever its names.
  public struct Identity: Sendable, Hashable {
    let device: UInt64
    let inode: UInt64
  }

  /// Which file it is.
  public var identity: Identity { Identity(device: device, inode: inode) }

  /// The status of what `path` names, behind symbolic links.
  ///
  /// The corresponding C function is `stat`.
  public init(of path: FilePath) throws(FileError) {
    do throws(Errno) {
      self.init(try Stat(path))
    } catch {
      throw FileError(.inspect, path, errno: error)
    }
  }

  init(_ stat: Stat) {
    kind =
      switch stat.type {
      case .regular: .file
      case .directory: .folder
      default: .other
      }
    size = Int(stat.size)
    modified = SystemCalls.modified(stat)
    inodeChanged = SystemCalls.inodeChanged(stat)
    device = UInt64(truncatingIfNeeded: stat.deviceID.rawValue)
    inode = UInt64(truncatingIfNeeded: stat.inode.rawValue)
  }
}
