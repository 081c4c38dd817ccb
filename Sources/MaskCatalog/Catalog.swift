internal import GRDB
public import SystemPackage

/// The one SQLite file that keeps layouts, bases, runs, masks and pair counts.
///
/// Safe to use from several tasks: GRDB serialises access. Reads are short transactions over masks
/// that never change, so a reader never holds up a writer for long.
public struct Catalog: Sendable {
  /// What to do where there is no file.
  public enum Absence: Sendable, Hashable {
    /// Refuse.
    case refused
    /// Make a catalog, with the first write.
    case created
  }

  /// The file.
  public let path: FilePath
  private let file: CatalogFile

  /// Seconds to wait for another process's transaction.
  static let patience = 30.0

  /// Opens the catalog at `path`, to read and, where the file permits, to write.
  ///
  /// A catalog that cannot be written is opened all the same; the first write then throws.
  ///
  /// - Throws: `CatalogError` where it is missing, foreign, of a newer maskdb or not accessible.
  public init(at path: FilePath, ifAbsent absence: Absence = .refused) throws(CatalogError) {
    self.path = path
    do {
      file = try CatalogFile(at: path, ifAbsent: absence)
    } catch {
      throw CatalogError(error, at: path)
    }
  }

  /// A connection of its own, for a task that reads much.
  func connection() throws(CatalogError) -> DatabaseQueue {
    do { return try file.anotherConnection() } catch { throw CatalogError(error, at: path) }
  }

  /// The path as SQLite takes for no URI, whatever it begins with.
  static func plainName(_ path: FilePath) -> String {
    path.isAbsolute ? path.string : "./" + path.string
  }

  static func configuration(pageSize: Int? = nil) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(patience)
    configuration.prepareDatabase { database in
      if let pageSize {
        // Takes effect before the first table alone.
        try database.execute(sql: "PRAGMA page_size = \(pageSize)")
      }
      _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = TRUNCATE")
      try database.execute(sql: "PRAGMA synchronous = FULL")
    }
    return configuration
  }
}

extension Catalog {
  /// What answers questions.
  func forReading() throws -> DatabaseQueue { try file.forReading() }

  /// Makes the file where there is none, with pages that suit masks of `positions`.
  ///
  /// A file whose pages are too small for them is rewritten.
  func make(forPositions positions: Int) throws(CatalogError) {
    let size = CatalogSchema.pageSize(positions: positions)
    do {
      let database = try file.forWriting(pageSize: size)
      try database.inDatabase { try Self.enlargePages(to: size, in: $0) }
    } catch {
      throw CatalogError(error, at: path)
    }
  }

  /// Gives a small file pages of `size`, if it has smaller ones: it was begun with a small model.
  ///
  /// A file that is large by now, in use or not to be rewritten stays as it is, for pages are a matter of
  /// speed alone. SQLite rewrites under its lock and journal, so others see all of it or nothing.
  private static func enlargePages(to size: Int, in database: Database) throws {
    let present = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? size
    let count = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
    guard present < size, present * count <= CatalogSchema.mostRewritten else { return }
    try database.execute(sql: "PRAGMA page_size = \(size)")
    try? database.execute(sql: "VACUUM")
  }

  /// Runs `body` in a write transaction that is undone where it throws.
  func write<Value>(_ body: (Database) throws -> Value) throws(CatalogError) -> Value {
    do { return try file.forWriting().write(body) } catch { throw CatalogError(error, at: path) }
  }
}
