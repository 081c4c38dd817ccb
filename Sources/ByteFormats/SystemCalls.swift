internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The C calls that swift-system does not wrap.
enum SystemCalls {
  /// `count` bytes of zeros, which a large block of memory has from the kernel without a touch.
  ///
  /// The corresponding C function is `calloc`.
  static func zeros(_ count: Int) -> UnsafeMutableRawPointer {
    guard let memory = unsafe calloc(max(count, 1), 1) else { fatalError("no memory is left") }
    return unsafe memory
  }

  /// Gives back what `zeros` gave.
  ///
  /// The corresponding C function is `free`.
  static func giveBack(_ memory: UnsafeMutableRawPointer) { unsafe free(memory) }

  /// The bytes of a large page: those of x86-64, and of ARM with small pages of 4 KiB.
  static let largePage = 2 << 20

  /// Asks for large pages, which the kernel may have none of; begins on a boundary of `largePage`.
  ///
  /// The corresponding C function is `madvise`.
  static func preferLargePages(_ memory: UnsafeMutableRawBufferPointer) {
    #if os(Linux)
    _ = unsafe madvise(memory.baseAddress, memory.count, MADV_HUGEPAGE)
    #endif
  }

  /// Writes what the kernel holds of a file to its disk.
  ///
  /// The corresponding C function is `fsync`.
  static func synchronize(_ descriptor: FileDescriptor) throws(Errno) {
    try check { fsync(descriptor.rawValue) }
  }

  /// Gives `old` the name `new`, in one step, replacing what had it.
  ///
  /// The corresponding C function is `rename`.
  static func move(_ old: FilePath, to new: FilePath) throws(Errno) {
    try check {
      unsafe old.withPlatformString { old in
        unsafe new.withPlatformString { new in unsafe rename(old, new) }
      }
    }
  }

  /// Removes a name.
  ///
  /// The corresponding C function is `unlink`.
  static func remove(_ path: FilePath) throws(Errno) {
    try check { unsafe path.withPlatformString { unsafe unlink($0) } }
  }

  /// Removes a file, or a folder of files, that is this user's; a link goes, and is not followed.
  ///
  /// The corresponding C functions are `openat`, `unlinkat` and `rmdir`.
  static func removeOwn(_ path: FilePath) throws(Errno) {
    let stat = try Stat(path, followTargetSymlink: false)
    guard stat.userID.rawValue == geteuid() else { throw .notPermitted }
    guard stat.type == .directory else { return try remove(path) }
    let folder: FileDescriptor
    do {
      let options: FileDescriptor.OpenOptions = [.directory, .noFollow, .closeOnExec]
      folder = try FileDescriptor.open(path, .readOnly, options: options)
    } catch {
      throw error as? Errno ?? .ioError
    }
    defer { try? folder.close() }
    for name in try names(in: path) {
      try check { unsafe name.withPlatformString { unsafe unlinkat(folder.rawValue, $0, 0) } }
    }
    try removeFolder(path)
  }

  /// Makes a folder, which must not be there.
  ///
  /// The corresponding C function is `mkdir`.
  static func createFolder(_ path: FilePath) throws(Errno) {
    try check { unsafe path.withPlatformString { unsafe mkdir($0, 0o777) } }
  }

  /// Removes an empty folder.
  ///
  /// The corresponding C function is `rmdir`.
  static func removeFolder(_ path: FilePath) throws(Errno) {
    try check { unsafe path.withPlatformString { unsafe rmdir($0) } }
  }

  /// Checks that files may be made in a folder.
  ///
  /// The corresponding C function is `access`.
  static func checkWritable(_ folder: FilePath) throws(Errno) {
    try check { unsafe folder.withPlatformString { unsafe access($0, W_OK | X_OK) } }
  }

  /// The absolute path behind symbolic links, `.` and `..`.
  ///
  /// The corresponding C function is `realpath`.
  static func resolve(_ path: FilePath) throws(Errno) -> FilePath {
    let resolved = unsafe path.withPlatformString { unsafe realpath($0, nil) }
    guard let resolved = unsafe resolved else { throw Errno(rawValue: errno) }
    defer { unsafe free(resolved) }
    return unsafe FilePath(platformString: resolved)
  }

  /// The names in a folder but `.` and `..`, in no particular order.
  ///
  /// The corresponding C functions are `opendir`, `readdir` and `closedir`.
  static func names(in folder: FilePath) throws(Errno) -> [String] {
    let opened = unsafe folder.withPlatformString { unsafe opendir($0) }
    guard let stream = unsafe opened else { throw Errno(rawValue: errno) }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw Errno(rawValue: errno) }
    return names
  }

  /// Lets this process open as many files as the system allows it; false where it already could.
  ///
  /// The corresponding C functions are `getrlimit` and `setrlimit`.
  static func raiseOpenFileLimit() -> Bool {
    var limit = rlimit()
    guard unsafe getrlimit(openFiles, &limit) == 0, limit.rlim_cur < limit.rlim_max else {
      return false
    }
    limit.rlim_cur = limit.rlim_max
    return unsafe setrlimit(openFiles, &limit) == 0
  }

  /// When the content last changed, in nanoseconds since 1970.
  static func modified(_ stat: Stat) -> Int {
    nanoseconds(stat.st_mtim)
  }

  /// When the inode last changed, in nanoseconds since 1970.
  static func inodeChanged(_ stat: Stat) -> Int {
    nanoseconds(stat.st_ctim)
  }

  /// Wraps beyond the year 2262, which tells times apart all the same.
  private static func nanoseconds(_ time: timespec) -> Int {
    time.tv_sec &* 1_000_000_000 &+ time.tv_nsec
  }

  /// The number of this process.
  static var process: Int64 { Int64(getpid()) }

  /// Whether a process has the number `process`, this user's or not.
  ///
  /// The corresponding C function is `kill`, with the signal 0.
  static func hasProcess(_ process: Int64) -> Bool {
    guard let number = pid_t(exactly: process), number > 0 else { return false }
    return kill(number, 0) == 0 || errno == EPERM
  }

  /// The name of the host; nil where it has none or a long one.
  ///
  /// The corresponding C function is `gethostname`.
  static var hostName: String? { unsafe text { unsafe gethostname($0, $1 - 1) == 0 } }

  /// What a symbolic link says; nil where there is none.
  ///
  /// The corresponding C function is `readlink`.
  static func target(ofLink path: FilePath) -> String? {
    unsafe path.withPlatformString { path in
      unsafe text { unsafe readlink(path, $0, $1 - 1) > 0 }
    }
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

  /// Repeats an interrupted call and turns -1 into the error it left behind.
  private static func check(_ call: () -> CInt) throws(Errno) {
    while call() == -1 {
      let failure = Errno(rawValue: errno)
      if failure != .interrupted { throw failure }
    }
  }
}

// glibc declares the resource as an enum and the functions with an integer.
#if canImport(Glibc)
private let openFiles = CInt(RLIMIT_NOFILE.rawValue)
#else
private let openFiles = RLIMIT_NOFILE
#endif
