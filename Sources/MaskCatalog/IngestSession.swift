internal import GRDB
internal import SystemPackage
package import MaskModel

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The writing of new masks, invisible until each belongs to a run.
///
/// Masks under way belong to a row of `ingest` that names this process. A session that ends without
/// `finish`, even by a kill, leaves rows that nobody sees and that the next session removes.
package struct IngestSession: Sendable {
  package let catalog: Catalog
  let id: Int64

  /// Seconds after which a session of another host that wrote nothing is taken for dead.
  static let silence = 6 * 3600
}

extension Catalog {
  /// Starts writing, after removing what dead sessions left.
  package func beginIngest() throws(CatalogError) -> IngestSession {
    let host = Self.hostName
    let id = try write { database in
      try Self.removeDead(on: host, in: database)
      try database.execute(
        sql: "INSERT INTO ingest (host, process, touched_at) VALUES (?, ?, unixepoch())",
        arguments: [host, Int64(getpid())]
      )
      return database.lastInsertedRowID
    }
    try giveBack()
    return IngestSession(catalog: self, id: id)
  }

  private static func removeDead(on host: String, in database: Database) throws {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT id, host, process, unixepoch() - touched_at AS silence FROM ingest"
    )
    for row in rows {
      let isHere = row["host"] == host
      let isDead = isHere ? !isAlive(row["process"]) : row["silence"] > IngestSession.silence
      guard isDead else { continue }
      try database.execute(sql: "DELETE FROM ingest WHERE id = ?", arguments: [row["id"] as Int64])
    }
  }

  /// Whether another process has the number.
  ///
  /// The session's own is a former one of the same number.
  private static func isAlive(_ process: Int64) -> Bool {
    guard process != Int64(getpid()) else { return false }
    return kill(pid_t(process), 0) == 0 || errno == EPERM
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

extension IngestSession {
  /// A mask under way, of no run as yet.
  package func makeMask(
    _ definition: MaskDefinition,
    isDefaultType: Bool
  ) throws(CatalogError) -> Int64 {
    try catalog.write { database in
      try database.execute(
        sql: """
          INSERT INTO mask
            (ingest_id, definition, compare_dtype, is_default_dtype, compared, count, added_at)
          VALUES (?, ?, ?, ?, 0, 0, \(sqlNow))
          """,
        arguments: [
          id, definition.rule.description, definition.compareType.rawValue, isDefaultType,
        ]
      )
      return database.lastInsertedRowID
    }
  }

  /// Removes what the session wrote and did not finish.
  package func end() throws(CatalogError) {
    try catalog.write { database in
      try database.execute(sql: "DELETE FROM ingest WHERE id = ?", arguments: [id])
    }
    try catalog.giveBack()
  }
}
