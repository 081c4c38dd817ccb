public import ByteFormats
public import SystemPackage

/// The files behind a checkpoint as the file system describes them: a key for caches.
///
/// Equal fingerprints mean the same content unless someone set the clock back: overwriting a file
/// and restoring its length and time of modification leaves another time of change.
public struct CheckpointFingerprint: Sendable, Hashable {
  /// One file.
  public struct File: Sendable, Hashable {
    /// The absolute path behind symbolic links.
    public let path: FilePath
    /// The length in bytes.
    public let size: Int
    /// When the content last changed, in nanoseconds since 1970, which programs can set.
    public let modified: Int
    /// When anything of the file last changed, which they cannot.
    public let inodeChanged: Int
    /// Its number on its file system.
    public let inode: UInt64
  }

  /// The files of weights in order, then the index and config.json where there are such.
  public let files: [File]

  init(_ opening: CheckpointOpening) throws(CheckpointError) {
    do throws(FileError) {
      var files: [File] = []
      for file in opening.files.map(\.file) { files.append(try File(file.path, file.status)) }
      for path in opening.companions { files.append(try File(path, try FileStatus(of: path))) }
      self.files = files
    } catch {
      throw CheckpointError(error)
    }
  }
}

extension CheckpointFingerprint.File {
  fileprivate init(_ path: FilePath, _ status: FileStatus) throws(FileError) {
    self.init(
      path: try Folder.resolve(path),
      size: status.size,
      modified: status.modified,
      inodeChanged: status.inodeChanged,
      inode: status.inode
    )
  }
}

extension CheckpointFingerprint {
  /// What two fingerprints share if and only if paths, lengths, times and file numbers are equal.
  public var digest: ContentDigest {
    var hasher = ContentHasher()
    for file in files {
      hasher.update(text: file.path.string)
      hasher.update(integers: [file.size, file.modified, file.inodeChanged])
      hasher.update(integers: [Int(truncatingIfNeeded: file.inode)])
    }
    return hasher.finish()
  }
}
