package import SystemPackage

/// A folder of files being written, which appears under its name whole or not at all.
///
/// The files go to a folder of a temporary name beside it. `commit` renames that; a value that goes
/// without it removes the folder and what is in it.
package struct AtomicFolder: ~Copyable {
  /// The name it will have.
  package let path: FilePath
  /// The name it has.
  package let temporary: FilePath
  private var isCommitted = false

  /// Begins a folder that is to be named `path`.
  package init(at path: FilePath) throws(FileError) {
    self.path = path
    temporary = TemporaryName.beside(path)
    do {
      try SystemCalls.createFolder(temporary)
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
  /// nothing has the name; a process that is killed then leaves both under hidden ones.
  ///
  /// - Parameter replacing: whether a folder of that name goes; else there must be none.
  /// - Throws: where the file system refuses; the old folder then has its name again.
  package consuming func commit(replacing: Bool) throws(FileError) {
    try AtomicFile.synchronizeFolder(temporary)
    let old: FilePath?
    do {
      old = replacing ? try exchange() : nil
      if !replacing { try SystemCalls.move(temporary, to: path) }
    } catch {
      throw FileError(.replace, path, errno: error)
    }
    isCommitted = true
    if let old { Self.remove(old) }
    try AtomicFile.synchronizeFolder(path.removingLastComponent())
  }

  /// Gives the folder the name that another has, and returns the name that the other has then.
  private func exchange() throws(Errno) -> FilePath {
    let old = TemporaryName.kept(beside: path)
    try SystemCalls.move(path, to: old)
    do throws(Errno) {
      try SystemCalls.move(temporary, to: path)
    } catch {
      try? SystemCalls.move(old, to: path)
      throw error
    }
    return old
  }
}

extension AtomicFolder {
  /// Removes the folder at `path` and the files in it, as far as that is allowed.
  private static func remove(_ path: FilePath) {
    for name in (try? Folder.names(in: path)) ?? [] {
      try? SystemCalls.remove(path.appending(name))
    }
    try? SystemCalls.removeFolder(path)
  }
}
