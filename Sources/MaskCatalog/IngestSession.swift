internal import ByteFormats
internal import GRDB
internal import SystemPackage
package import MaskModel

/// The writing of new masks, invisible until each belongs to a run.
///
/// Masks under way belong to a row of `ingest` that names this process. A session that ends without
/// `finish`, even by a kill, leaves rows that nobody sees and that the next session removes.
package struct IngestSession: Sendable {
  package let catalog: Catalog
  /// The masks under way that it was begun with.
  package let masks: [Int64]
  let id: Int64
  /// What tells the other sessions of this process that this one is at work.
  private let life: SessionLife

  /// Seconds after which a session of another host that wrote nothing is taken for dead.
  static let silence: Int64 = 6 * 3600

  fileprivate init(catalog: Catalog, id: Int64, masks: [Int64]) {
    self.catalog = catalog
    self.id = id
    self.masks = masks
    life = SessionLife(of: id, in: catalog)
  }
}

extension Catalog {
  /// Starts writing `masks`, after removing what dead sessions left, in one transaction.
  ///
  /// A new catalog is laid out for masks of `positions`.
  package func beginIngest(
    _ masks: [UnfinishedMask] = [],
    positions: Int = .max
  ) throws(CatalogError) -> IngestSession {
    try make(forPositions: positions)
    let host = HostIdentity.text
    let session = try SessionLife.starting { () throws(CatalogError) in
      let (id, rows) = try write { database in
        try removeDead(on: host, in: database)
        try database.execute(
          sql: "INSERT INTO ingest (host, process, touched_at) VALUES (?, ?, unixepoch())",
          arguments: [host, HostIdentity.process]
        )
        let id = database.lastInsertedRowID
        return (id, try masks.map { try $0.insert(ofSession: id, in: database) })
      }
      return IngestSession(catalog: self, id: id, masks: rows)
    }
    giveBack()
    return session
  }

  private func removeDead(on host: String, in database: Database) throws {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT id, host, process, touched_at, unixepoch() - touched_at AS silence FROM ingest
        """
    )
    for row in rows {
      let id: Int64 = try row.value("id")
      let isDead =
        try row.value("host") == host
        ? !isAlive(id, process: try row.value("process"), touched: try row.value("touched_at"))
        : try row.value("silence") > IngestSession.silence  // other hosts cannot be asked
      guard isDead else { continue }
      try database.execute(sql: "DELETE FROM ingest WHERE id = ?", arguments: [id])
    }
  }

  /// Whether the session `id` of this host may still be at work.
  private func isAlive(_ id: Int64, process: Int64, touched: Int64) -> Bool {
    if process == HostIdentity.process { return SessionLife.isAlive(id, in: self) }
    guard HostIdentity.hasProcess(process) else { return false }
    // The number may have gone to another process, which then started after the last sign of life;
    // well after it, for clocks are set.
    return HostIdentity.start(of: process).map { $0 - IngestSession.silence <= touched } ?? true
  }
}

/// A mask that is to be written, of no run as yet.
package struct UnfinishedMask: Sendable {
  fileprivate let definition: RecordedDefinition
  fileprivate let isDefaultType: Bool
  fileprivate let lineage: MaskLineage?

  /// A mask under `definition`, compared in the dtype that its rule and files give by default or not.
  package init(_ definition: MaskDefinition, isDefaultType: Bool) {
    self.init(RecordedDefinition(definition), isDefaultType: isDefaultType, lineage: nil)
  }

  /// A mask that has `lineage`, where no checkpoint is compared for it.
  package init(_ definition: RecordedDefinition, isDefaultType: Bool, lineage: MaskLineage?) {
    self.definition = definition
    self.isDefaultType = isDefaultType
    self.lineage = lineage
  }

  fileprivate func insert(ofSession id: Int64, in database: Database) throws -> Int64 {
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

extension IngestSession {
  /// Removes what the session wrote and did not finish.
  package func end() throws(CatalogError) {
    try catalog.write { try remove(in: $0) }
    catalog.giveBack()
  }

  /// Removes the session with what it did not finish.
  func remove(in database: Database) throws {
    try database.execute(sql: "DELETE FROM ingest WHERE id = ?", arguments: [id])
  }

  /// Runs `body` in a write transaction of the session, as long as others have not taken it for dead.
  ///
  /// A reader may hold the catalog for longer than the busy timeout: what was compared so far is worth
  /// more than a quarter of an hour.
  ///
  /// - Throws: `CatalogError` with code `sessionGone` where the session was removed.
  func write<Value>(_ body: (Database) throws -> Value) throws(CatalogError) -> Value {
    let start = ContinuousClock.now
    while true {
      do throws(CatalogError) {
        return try catalog.write { database in
          try database.execute(
            sql: "UPDATE ingest SET touched_at = unixepoch() WHERE id = ?",
            arguments: [id]
          )
          guard database.changesCount == 1 else {
            throw CatalogError(.sessionGone, at: catalog.path)
          }
          return try body(database)
        }
      } catch {
        guard error.code == .busy, ContinuousClock.now - start < Self.patience else { throw error }
      }
    }
  }

  /// How long a reader is waited for.
  private static let patience = Duration.seconds(900)
}
