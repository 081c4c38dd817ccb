internal import ByteFormats
internal import SystemPackage

/// A folder of files being written, which appears under its name whole or not at all.
///
/// The files go to a folder of a temporary name beside it. `commit` renames that; a value that goes
/// without it removes the folder and what is in it.
struct AtomicFolder: ~Copyable {
  /// The name it will have.
  let path: FilePath
  /// The name it has.
  let temporary: FilePath
  private var isCommitted = false

  /// Begins a folder that is to be named `path`.
  init(at path: FilePath) throws(FileError) {
    self.path = path
    temporary = Self.hiddenName(beside: path)
    do {
      try FolderCalls.create(temporary)
    } catch {
      throw FileError(.create, path, errno: error)
    }
  }

  deinit {
    if !isCommitted { Self.remove(temporary) }
  }

  /// Makes the folder appear under its name.
  ///
  /// The corresponding C function is `rename`. Where a folder is replaced there is a moment in which
  /// nothing has the name.
  ///
  /// - Parameter replacing: whether a folder of that name goes; else there must be none.
  /// - Throws: where the file system refuses; the old folder then has its name again.
  consuming func commit(replacing: Bool) throws(FileError) {
    FolderCalls.synchronize(temporary)
    let old = Self.hiddenName(beside: path)
    do {
      if replacing { try FolderCalls.move(path, to: old) }
      try publish(orRestore: replacing ? old : nil)
    } catch {
      throw FileError(.replace, path, errno: error)
    }
    isCommitted = true
    let parent = path.removingLastComponent()
    FolderCalls.synchronize(parent.isEmpty ? FilePath(".") : parent)
    if replacing { Self.remove(old) }
  }

  private func publish(orRestore old: FilePath?) throws(Errno) {
    do throws(Errno) {
      try FolderCalls.move(temporary, to: path)
    } catch {
      if let old { try? FolderCalls.move(old, to: path) }
      throw error
    }
  }
}

extension AtomicFolder {
  /// Removes the folder at `path` and the files in it, as far as that is allowed.
  private static func remove(_ path: FilePath) {
    for name in (try? Folder.names(in: path)) ?? [] {
      try? FolderCalls.removeFile(path.appending(name))
    }
    try? FolderCalls.removeFolder(path)
  }

  /// `.name.maskdb-<random>` beside `path`, hidden from listings.
  private static func hiddenName(beside path: FilePath) -> FilePath {
    let name = path.lastComponent?.string ?? "folder"
    let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
    return path.removingLastComponent().appending(".\(name).maskdb-\(suffix)")
  }
}
