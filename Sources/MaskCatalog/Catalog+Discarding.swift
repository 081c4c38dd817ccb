internal import ByteFormats
internal import GRDB
internal import SystemPackage

extension Catalog {
  /// Removes the file where this value made it and nobody has begun to add to it since: a first add
  /// that is refused leaves nothing.
  ///
  /// The look and the removal are under SQLite's exclusive lock. Another process that has the file open
  /// by then, and writes to it later, is refused by SQLite, which sees that it has no name any more.
  public func discardIfNew() {
    guard isNew else { return }
    // What cannot be removed is an empty catalog, which does no harm.
    try? database.writeWithoutTransaction { database in
      try database.inTransaction(.exclusive) {
        let tables = ["run", "base", "layout", "ingest"].map { "(SELECT count(*) FROM \($0))" }
        let rows = try Int.fetchOne(database, sql: "SELECT \(tables.joined(separator: " + "))")
        if rows == 0 { removeFiles() }
        return .rollback
      }
    }
  }

  /// The journal first: a new catalog of the name, which another process may make as soon as the file
  /// is gone, has a journal of that name, too.
  private func removeFiles() {
    try? Folder.remove(FilePath(path.string + "-journal"))
    try? Folder.remove(path)
  }
}
