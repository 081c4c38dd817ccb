internal import GRDB
internal import Synchronization
internal import SystemPackage

/// The connection to the file of a catalog, which is made with the first write where there is none.
///
/// Until then questions are answered by an empty catalog in memory, so that a command that is refused
/// before it writes leaves no file behind. Another process may make the file meanwhile.
final class CatalogFile: Sendable {
  private let path: FilePath
  private let opened: Mutex<DatabaseQueue?>
  private let nothing: DatabaseQueue?

  /// Opens the file at `path`; where there is none, looks whether one can be made.
  ///
  /// - Throws: `CatalogError`, and errors of GRDB and of the file.
  init(at path: FilePath, ifAbsent absence: Catalog.Absence) throws {
    self.path = path
    if try Catalog.claim(path, ifAbsent: absence) {
      opened = Mutex(nil)
      let empty = try DatabaseQueue()
      try Self.create(in: empty)
      nothing = empty
    } else {
      opened = Mutex(try Self.connection(to: path))
      nothing = nil
    }
  }

  /// What answers a question: the file, or nothing where it is not made yet.
  func forReading() throws -> DatabaseQueue {
    if let file = try open() { return file }
    guard let nothing else { throw CatalogError(.missing, at: path) }
    return nothing
  }

  /// The file, which is made where it is not there yet.
  func forWriting(
    pageSize: Int = CatalogSchema.pageSize(positions: .max)
  ) throws -> DatabaseQueue {
    if let file = try open() { return file }
    return try opened.withLock { opened in
      if let opened { return opened }
      let file = try Self.connection(to: path, pageSize: pageSize)
      try Self.create(in: file)
      opened = file
      return file
    }
  }

  /// A connection of its own to the file, which is there.
  func anotherConnection() throws -> DatabaseQueue {
    guard try open() != nil else { throw CatalogError(.missing, at: path) }
    return try Self.connection(to: path)
  }

  /// The file, opened now where somebody else has made it.
  private func open() throws -> DatabaseQueue? {
    try opened.withLock { opened in
      if let opened { return opened }
      guard try !Catalog.claim(path, ifAbsent: .created) else { return nil }
      opened = try Self.connection(to: path)
      return opened
    }
  }

  private static func connection(
    to path: FilePath,
    pageSize: Int? = nil
  ) throws -> DatabaseQueue {
    try DatabaseQueue(
      path: Catalog.plainName(path),
      configuration: Catalog.configuration(pageSize: pageSize)
    )
  }

  private static func create(in database: DatabaseQueue) throws {
    try database.inDatabase { database in
      // Deferred, because the first pragma takes effect only before the first page. It is what takes
      // the lock, and it changes nothing of a catalog that another process has made since the look.
      try database.inTransaction(.deferred) {
        try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        if try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0 {
          try database.execute(sql: CatalogSchema.creation)
          try database.execute(sql: "PRAGMA application_id = \(CatalogSchema.applicationID)")
          try database.execute(sql: "PRAGMA user_version = \(CatalogSchema.version)")
        }
        return .commit
      }
    }
  }
}
