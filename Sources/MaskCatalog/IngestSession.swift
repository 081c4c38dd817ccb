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
      let isDead = isHere && !isAlive(row["process"])
      // A number may have gone to another process since, and other hosts cannot be asked.
      guard isDead || row["silence"] > IngestSession.silence else { continue }
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

  /// The host, and where processes have numbers of their own the namespace: two containers of one
  /// host cannot ask after each other's processes.
  private static var hostName: String {
    let host = unsafe text { unsafe gethostname($0, $1 - 1) == 0 }
    let namespace = unsafe text { unsafe readlink("/proc/self/ns/pid", $0, $1 - 1) > 0 }
    return [host ?? "unknown", namespace].compactMap(\.self).joined(separator: " ")
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
}

extension IngestSession {
  /// A mask under way, of no run as yet.
  package func makeMask(
    _ definition: MaskDefinition,
    isDefaultType: Bool
  ) throws(CatalogError) -> Int64 {
    try makeMask(RecordedDefinition(definition), isDefaultType: isDefaultType, lineage: nil)
  }

  /// A mask under way, of no run as yet, that has `lineage` where no checkpoint is compared for it.
  package func makeMask(
    _ definition: RecordedDefinition,
    isDefaultType: Bool,
    lineage: MaskLineage?
  ) throws(CatalogError) -> Int64 {
    try catalog.write { database in
      try database.execute(
        sql: """
          INSERT INTO mask
            (ingest_id, definition, compare_dtype, is_default_dtype, compared, count, lineage,
              added_at)
          VALUES (?, ?, ?, ?, 0, 0, ?, \(sqlNow))
          """,
        arguments: [
          id, definition.rule.description, definition.compareType?.rawValue, isDefaultType,
          lineage?.column,
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
