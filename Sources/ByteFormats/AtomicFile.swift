public import SystemPackage

/// A file being written, which appears under its name whole or not at all.
///
/// The bytes go to a temporary name in the same folder. `commit()` syncs them to disk, renames and
/// syncs the folder; a value that goes without it removes the temporary file, and `TemporaryName.sweep`
/// that of a process that was killed. What had the name
/// before stays readable to those who hold it open; a symbolic link is replaced, not followed.
public struct AtomicFile: ~Copyable, Sendable {
  /// The name it will have.
  public let path: FilePath
  private let temporary: FilePath
  private let descriptor: FileDescriptor
  private var buffer: [UInt8] = []
  private var isCommitted = false
  /// The bytes appended so far.
  public private(set) var byteCount = 0
  /// The first error of a write, after which the bytes are not whole.
  private var failure: FileError?

  /// Begins a file that is to be named `path`, in a folder that exists and can be written.
  public init(at path: FilePath) throws(FileError) {
    let temporary = TemporaryName.beside(path)
    descriptor = try FileError.naming(path, .create) {
      try FileDescriptor.open(
        temporary,
        .writeOnly,
        options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: FilePermissions(rawValue: 0o666)
      )
    }
    self.path = path
    self.temporary = temporary
  }

  deinit {
    guard !isCommitted else { return }
    try? descriptor.close()
    try? SystemCalls.remove(temporary)
  }

  /// Appends `bytes`.
  ///
  /// They are gathered and written a mebibyte at a time.
  public mutating func write(_ bytes: RawSpan) throws(FileError) {
    try unsafe bytes.withUnsafeBytes { (bytes) throws(FileError) in try unsafe write(bytes) }
  }

  /// Appends `bytes`.
  public mutating func write(_ bytes: [UInt8]) throws(FileError) {
    try write(unsafe bytes.span.bytes)
  }

  /// Appends `text` in UTF-8.
  public mutating func write(_ text: String) throws(FileError) {
    try write(Array(text.utf8))
  }

  /// Makes the file appear under its name, once its bytes are on disk.
  ///
  /// Throws the error of an earlier write again, if there was one.
  ///
  /// The corresponding C functions are `fsync`, `close` and `rename`.
  public consuming func commit() throws(FileError) { try commit(synchronizingFolder: true) }

  /// Puts the file in its place; not `synchronizingFolder` is for many files of one folder, whose
  /// maker does it once.
  package consuming func commit(synchronizingFolder: Bool) throws(FileError) {
    try flush()
    try FileError.naming(path, .write) { try SystemCalls.synchronize(descriptor) }
    try FileError.naming(path, .replace) { try SystemCalls.move(temporary, to: path) }
    isCommitted = true
    try FileError.naming(path, .write) { try descriptor.close() }
    if synchronizingFolder { try Self.synchronizeFolder(path.removingLastComponent()) }
  }

  /// Replaces bytes that were appended before, from `offset` on.
  ///
  /// The corresponding C function is `pwrite`.
  public mutating func replace(at offset: Int, with bytes: [UInt8]) throws(FileError) {
    precondition(offset >= 0 && offset + bytes.count <= byteCount, "only what was appended")
    try flush()
    do {
      _ = try FileError.naming(path, .write) {
        try descriptor.writeAll(toAbsoluteOffset: Int64(offset), bytes)
      }
    } catch {
      failure = error
      throw error
    }
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    byteCount += bytes.count
    if buffer.count + bytes.count > Self.bufferSize { try flush() }
    if bytes.count < Self.bufferSize {
      unsafe buffer.append(contentsOf: bytes)
    } else {
      try unsafe writeAll(bytes)
    }
  }

  private mutating func flush() throws(FileError) {
    if let failure { throw failure }
    var full: [UInt8] = []
    swap(&full, &buffer)
    try unsafe full.span.withUnsafeBytes { (bytes) throws(FileError) in try unsafe writeAll(bytes) }
    full.removeAll(keepingCapacity: true)
    swap(&full, &buffer)
  }

  private mutating func writeAll(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
      do {
        done += try FileError.naming(path, .write) { try unsafe descriptor.write(rest) }
      } catch {
        failure = error
        throw error
      }
    }
  }
}

extension AtomicFile {
  private static let bufferSize = 1 << 20

  /// Writes the names in `folder` to disk, so that a new one survives a power cut.
  ///
  /// File systems that cannot sync a folder are forgiven.
  static func synchronizeFolder(_ folder: FilePath) throws(FileError) {
    let folder = folder.isEmpty ? FilePath(".") : folder
    let descriptor = try FileError.naming(folder, .open) {
      try FileDescriptor.open(folder, .readOnly, options: [.closeOnExec])
    }
    defer { try? descriptor.close() }
    try? SystemCalls.synchronize(descriptor)
  }
}
