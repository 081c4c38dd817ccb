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
  /// Runs `body` in a read transaction, its errors in the catalog's words.
  func read<Value>(_ body: (Database) throws -> Value) throws(CatalogError) -> Value {
    do { return try file.forReading().read(body) } catch { throw CatalogError(error, at: path) }
  }

  /// Makes the file where there is none, with pages that suit masks of `positions`.
  func make(forPositions positions: Int) throws(CatalogError) {
    do {
      _ = try file.forWriting(pageSize: CatalogSchema.pageSize(positions: positions))
    } catch {
      throw CatalogError(error, at: path)
    }
  }

  /// Runs `body` in a write transaction that is undone where it throws.
  func write<Value>(_ body: (Database) throws -> Value) throws(CatalogError) -> Value {
    do { return try file.forWriting().write(body) } catch { throw CatalogError(error, at: path) }
  }
}
