internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The C calls on folders that swift-system does not wrap.
enum FolderCalls {
  /// Makes a folder, which must not be there.
  ///
  /// The corresponding C function is `mkdir`.
  static func create(_ path: FilePath) throws(Errno) {
    try check { unsafe path.withPlatformString { unsafe mkdir($0, 0o777) } }
  }

  /// Removes an empty folder.
  ///
  /// The corresponding C function is `rmdir`.
  static func removeFolder(_ path: FilePath) throws(Errno) {
    try check { unsafe path.withPlatformString { unsafe rmdir($0) } }
  }

  /// Removes a file.
  ///
  /// The corresponding C function is `unlink`.
  static func removeFile(_ path: FilePath) throws(Errno) {
    try check { unsafe path.withPlatformString { unsafe unlink($0) } }
  }

  /// Gives the folder `old` the name `new`, which is free or that of an empty folder.
  ///
  /// The corresponding C function is `rename`.
  static func move(_ old: FilePath, to new: FilePath) throws(Errno) {
    try check {
      unsafe old.withPlatformString { old in
        unsafe new.withPlatformString { new in unsafe rename(old, new) }
      }
    }
  }

  /// Writes what the kernel holds of a folder to its disk, where the file system can.
  ///
  /// The corresponding C function is `fsync`.
  static func synchronize(_ path: FilePath) {
    guard let folder = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else {
      return
    }
    _ = fsync(folder.rawValue)
    try? folder.close()
  }

  /// Repeats an interrupted call and turns -1 into the error it left behind.
  private static func check(_ call: () -> CInt) throws(Errno) {
    while call() == -1 {
      let failure = Errno(rawValue: errno)
      if failure != .interrupted { throw failure }
    }
  }
}
