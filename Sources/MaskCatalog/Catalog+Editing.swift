internal import GRDB
public import MaskModel

extension Catalog {
  /// Records `fields` of `run`; their former values stay in the history.
  ///
  /// - Throws: `CatalogError` with code `unfitField` where one cannot be kept, and none is then.
  public func set(_ fields: [RunField], of run: RunRecord) throws(CatalogError) {
    try write { database in
      try checkIsThere(run, in: database)
      for field in fields { try Self.record(field, of: run.id, in: database) }
      try Self.sealRun(run.id, in: database)
    }
  }

  /// - Throws: `UnfitField` where it has the character U+0000.
  static func record(_ field: RunField, of run: Int64, in database: Database) throws {
    // The boundaries refuse it earlier, before anything is compared.
    if let flaw = field.flaw { throw UnfitField(flaw: flaw) }
    try database.execute(
      sql: """
        INSERT INTO run_field (run_id, key, value, source, recorded_at)
        VALUES (?, ?, nullif(?, ''), ?, \(sqlNow))
        """,
      arguments: [run, field.key, field.value, field.source]
    )
  }

  /// Renames `run`; its former name stays in the history as field `name`.
  ///
  /// Nothing happens where it has that name already.
  ///
  /// - Throws: `CatalogError` with code `nameTaken` where another run has the name.
  public func rename(_ run: RunRecord, to name: String, source: String) throws(CatalogError) {
    guard name != run.name else { return }
    try write { database in
      try checkIsThere(run, in: database)
      guard
        try Int.fetchOne(
          database,
          sql: "SELECT count(*) FROM run WHERE name = ?",
          arguments: [name]
        ) == 0
      else { throw CatalogError(.nameTaken(name), at: path) }
      if run.fields["name"] == nil {
        try Self.record(
          RunField(key: "name", value: run.name, source: "add"),
          of: run.id,
          in: database
        )
      }
      try Self.record(RunField(key: "name", value: name, source: source), of: run.id, in: database)
      try database.execute(
        sql: "UPDATE run SET name = ? WHERE id = ?",
        arguments: [name, run.id]
      )
      try Self.sealRun(run.id, in: database)
    }
  }

  /// Removes `run` with all its masks, their segments and pair counts.
  ///
  /// Masks that are coded against them are coded anew, in the same transaction.
  /// - Throws: `CatalogError` with code `damaged` where that is impossible, `runGone` or `maskGone` where
  ///   it is not there any more; nothing is removed then.
  public func remove(_ run: RunRecord) throws(CatalogError) {
    try write { database in
      try checkIsThere(run, in: database)
      let masks = try Int64.fetchAll(
        database,
        sql: "SELECT id FROM mask WHERE run_id = ?",
        arguments: [run.id]
      )
      let layout = try Self.layout(run.base.layoutID, in: database)
      try Self.release(masks, layout: layout, in: database, of: self)
      try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [run.id])
      try Self.sweep(in: database)
    }
    giveBack()
  }

  /// Removes `mask`, and its run where that was its last.
  ///
  /// Masks that are coded against it are coded anew, in the same transaction.
  /// - Throws: `CatalogError` with code `damaged` where that is impossible, `runGone` or `maskGone` where
  ///   it is not there any more; nothing is removed then.
  public func remove(_ mask: MaskRecord) throws(CatalogError) {
    try write { database in
      try checkIsThere(mask.run, in: database)
      let layout = try Self.layout(mask.run.base.layoutID, in: database)
      try Self.release([mask.id], layout: layout, in: database, of: self)
      try database.execute(sql: "DELETE FROM mask WHERE id = ?", arguments: [mask.id])
      guard database.changesCount == 1 else { throw CatalogError(.maskGone, at: path) }
      try database.execute(
        sql:
          "DELETE FROM run WHERE id = ? AND NOT EXISTS (SELECT 1 FROM mask WHERE run_id = run.id)",
        arguments: [mask.run.id]
      )
      try Self.sweep(in: database)
    }
    giveBack()
  }

  /// Throws where another process has removed `run` since it was read; ids are never used again.
  private func checkIsThere(_ run: RunRecord, in database: Database) throws {
    let found = try Int.fetchOne(
      database,
      sql: "SELECT 1 FROM run WHERE id = ?",
      arguments: [run.id]
    )
    guard found != nil else { throw CatalogError(.runGone, at: path) }
  }

  /// Removes bases without runs and layouts without bases.
  private static func sweep(in database: Database) throws {
    try database.execute(
      sql: """
        DELETE FROM base WHERE NOT EXISTS (SELECT 1 FROM run WHERE base_id = base.id);
        DELETE FROM layout WHERE NOT EXISTS (SELECT 1 FROM base WHERE layout_id = layout.id);
        """
    )
  }

  /// Returns the pages that were freed to the file system, where nobody holds the catalog; what freed
  /// them is done either way, and the next call returns them.
  func giveBack() {
    let free = try? read { try Int.fetchOne($0, sql: "PRAGMA freelist_count") }
    guard free != 0 else { return }
    try? write { database in
      let pages = try Row.fetchCursor(database, sql: "PRAGMA incremental_vacuum")
      while try pages.next() != nil {}
    }
  }
}

/// A field of a run that cannot be kept, and why.
struct UnfitField: Error {
  let flaw: String
}
