internal import GRDB
package import MaskModel

/// A mask whose segments are all written, and for which no checkpoint was compared.
package struct FinishedMadeMask: Sendable {
  package let id: Int64
  package let base: BaseOrigin
  package let run: RunOrigin
  package let definition: RecordedDefinition
  package let lineage: MaskLineage
  package let compared: Int
  package let count: Int

  /// A mask of the row `id`; the digest of `run` is that of its bits.
  package init(
    id: Int64,
    base: BaseOrigin,
    run: RunOrigin,
    definition: RecordedDefinition,
    lineage: MaskLineage,
    compared: Int,
    count: Int
  ) {
    self.id = id
    self.base = base
    self.run = run
    self.definition = definition
    self.lineage = lineage
    self.compared = compared
    self.count = count
  }
}

extension IngestSession {
  /// Gives a mask to a new run and ends the session, in one transaction, or removes it where a run has the same one, made
  /// in the same way, under the same or no name.
  ///
  /// A run's mask that had no counts by binade takes those of the same mask that is removed.
  ///
  /// - Parameters:
  ///   - made: what is known of it.
  ///   - rows: what is still to be written, in the same transaction.
  /// - Returns: the name of the run, and whether it is new.
  /// - Throws: `CatalogError` with code `nameTaken` where another run has the name, and as `write`.
  package func finish(
    _ made: FinishedMadeMask,
    after rows: UnwrittenRows
  ) throws(CatalogError) -> (run: String, isNew: Bool) {
    let answer = try write { database in
      if !rows.isEmpty { try insert(rows, in: database) }
      let answer = try adopt(made, in: database)
      try remove(in: database)
      return answer
    }
    catalog.giveBack()
    return answer
  }

  private func adopt(
    _ made: FinishedMadeMask,
    in database: Database
  ) throws -> (run: String, isNew: Bool) {
    let base = try made.base.record(in: database)
    if let known = try knownRun(made, base: base, in: database) {
      try Self.addBinades(of: made.id, to: known.mask, in: database)
      try database.execute(sql: "DELETE FROM mask WHERE id = ?", arguments: [made.id])
      return (known.run, false)
    }
    let run = try makeRun(made.run, base: base, in: database)
    try database.execute(
      sql: """
        UPDATE mask SET ingest_id = NULL, run_id = ?, compared = ?, count = ?, digest = ?
        WHERE id = ?
        """,
      arguments: [run, made.compared, made.count, made.run.digest.blob, made.id]
    )
    guard database.changesCount == 1 else { throw CatalogError(.sessionGone, at: catalog.path) }
    try Catalog.sealMask(made.id, in: database)
    let name = try String.fetchOne(
      database,
      sql: "SELECT name FROM run WHERE id = ?",
      arguments: [run]
    )
    return (name ?? "", true)
  }

  /// Gives the counts by binade that one of two equal masks has to the other.
  private static func addBinades(
    of source: Int64,
    to target: Int64,
    in database: Database
  ) throws {
    try database.execute(
      sql: """
        UPDATE mask_tensor SET exponent_counts = (
          SELECT exponent_counts FROM mask_tensor AS other
          WHERE other.mask_id = ? AND other.ordinal = mask_tensor.ordinal
        ) WHERE mask_id = ? AND exponent_counts IS NULL
        """,
      arguments: [source, target]
    )
  }

  /// The run that has the mask already: the one of the name, or, without a name, the first.
  private func knownRun(
    _ made: FinishedMadeMask,
    base: Int64,
    in database: Database
  ) throws -> (run: String, mask: Int64)? {
    try Row.fetchAll(
      database,
      sql: """
        SELECT run.name, mask.id, lineage FROM run JOIN mask ON run_id = run.id
        WHERE base_id = ? AND mask.digest = ? AND definition = ? AND compare_dtype IS ?
          AND lineage IS NOT NULL
        ORDER BY run.id
        """,
      arguments: [
        base, made.run.digest.blob, made.definition.rule.description,
        made.definition.compareType?.rawValue,
      ]
    ).first { row in
      let isNamed = made.run.name == nil || made.run.name == row["name"]
      return try isNamed && MaskLineage(column: row["lineage"]).isMaking(of: made.lineage)
    }.map { (run: try $0.value("name"), mask: try $0.value("id")) }
  }
}
