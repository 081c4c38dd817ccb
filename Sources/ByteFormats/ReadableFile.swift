public import SystemPackage

/// An open regular file that is only read, from any number of tasks at once.
///
/// Bytes come through `pread`, never through a mapping: a file that is cut short while it is read
/// is an error, not a signal. Closed when the last reference goes.
public final class ReadableFile: Sendable {
  /// The path it was opened by.
  public let path: FilePath
  /// What the file system said about it when it was opened.
  public let status: FileStatus
  private let descriptor: FileDescriptor

  /// Opens the file at `path`, which must be a regular file or a symbolic link to one.
  ///
  /// Raises the process's own limit on open files once that is reached and the system allows more.
  ///
  /// The corresponding C functions are `open` and `fstat`.
  public init(at path: FilePath) throws(FileError) {
    let descriptor = try Self.open(path)
    do {
      status = try Self.status(of: descriptor, at: path)
    } catch {
      try? descriptor.close()
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { try? descriptor.close() }

  /// The length in bytes when it was opened.
  public var size: Int { status.size }

  /// When the content last changed before it was opened, in nanoseconds since 1970.
  public var modified: Int { status.modified }

  /// What the file system says about the open file now.
  public func currentStatus() throws(FileError) -> FileStatus {
    try Self.status(of: descriptor, at: path)
  }

  /// Fills `buffer` with the bytes from `offset` on.
  ///
  /// Throws `FileError.Reason.shrank` where the file ends before the buffer is full.
  ///
  /// The corresponding C function is `pread`.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer,
    at offset: Int
  ) throws(FileError) {
    var done = 0
    while done < buffer.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = try unsafe readSome(into: rest, at: offset + done)
      guard count > 0 else {
        let needed = offset + buffer.count
        throw FileError(.read, path, .shrank(expected: needed, found: offset + done))
      }
      done += count
    }
  }

  private func readSome(
    into buffer: UnsafeMutableRawBufferPointer,
    at offset: Int
  ) throws(FileError) -> Int {
    try FileError.naming(path, .read) {
      try unsafe descriptor.read(fromAbsoluteOffset: Int64(offset), into: buffer)
    }
  }
}

extension ReadableFile {
  /// Non-blocking, so that a pipe without a writer is refused instead of waited for.
  private static func open(_ path: FilePath) throws(FileError) -> FileDescriptor {
    func attempt() throws(FileError) -> FileDescriptor {
      try FileError.naming(path, .open) {
        try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
      }
    }
    do {
      return try attempt()
    } catch  where error.reason == .tooManyOpenFiles && SystemCalls.raiseOpenFileLimit() {
      return try attempt()
    }
  }

  private static func status(
    of descriptor: FileDescriptor,
    at path: FilePath
  ) throws(FileError) -> FileStatus {
    let status = FileStatus(try FileError.naming(path, .inspect) { try descriptor.stat() })
    switch status.kind {
    case .file: return status
    case .folder: throw FileError(.open, path, .isFolder)
    case .other: throw FileError(.open, path, .notARegularFile)
    }
  }
}
