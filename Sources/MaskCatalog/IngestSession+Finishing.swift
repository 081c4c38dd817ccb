package import ByteFormats
internal import Foundation
internal import GRDB
package import MaskModel

/// Everything that an add knows when the last segment is in.
package struct FinishedRun: Sendable {
  package var layout: ModelLayout
  package var baseDigest: ContentDigest
  package var baseFingerprint: ContentDigest
  package var baseLocation: String
  package var exponentTotals: [ExponentTotals]
  package var digest: ContentDigest
  package var fingerprint: ContentDigest
  package var location: String
  /// The name that the user insists on; nil lets the catalog take the first of `suggestedNames`
  /// that is free, or number it.
  package var name: String?
  package var suggestedNames: [String]
  package var fields: [RunField]
  /// The fine-tuned tensors that the base lacks, with the reason for leaving them out.
  package var extraTensors: [SkippedTensor]
  package var masks: [FinishedMask]

  package init(
    layout: ModelLayout,
    baseDigest: ContentDigest,
    baseFingerprint: ContentDigest,
    baseLocation: String,
    exponentTotals: [ExponentTotals],
    digest: ContentDigest,
    fingerprint: ContentDigest,
    location: String,
    name: String?,
    suggestedNames: [String],
    fields: [RunField],
    extraTensors: [SkippedTensor],
    masks: [FinishedMask]
  ) {
    self.layout = layout
    self.baseDigest = baseDigest
    self.baseFingerprint = baseFingerprint
    self.baseLocation = baseLocation
    self.exponentTotals = exponentTotals
    self.digest = digest
    self.fingerprint = fingerprint
    self.location = location
    self.name = name
    self.suggestedNames = suggestedNames
    self.fields = fields
    self.extraTensors = extraTensors
    self.masks = masks
  }
}

/// A mask whose segments are all written.
package struct FinishedMask: Sendable {
  package let id: Int64
  package let definition: MaskDefinition
  package let compared: Int
  package let count: Int
  package let digest: ContentDigest

  package init(
    id: Int64,
    definition: MaskDefinition,
    compared: Int,
    count: Int,
    digest: ContentDigest
  ) {
    self.id = id
    self.definition = definition
    self.compared = compared
    self.count = count
    self.digest = digest
  }
}

/// What `finish` did.
package struct FinishOutcome: Sendable {
  /// The run that has the masks now.
  package let run: String
  /// The masks that were added, by definition.
  package let added: [MaskDefinition]
  /// The masks that were there before, by definition.
  package let known: [MaskDefinition]
}

extension IngestSession {
  /// Gives the masks of `finished` to their run, in one transaction: to the run that has this content
  /// already, under the same or no name, else to a new one.
  ///
  /// - Parameters:
  ///   - finished: what is known of the run.
  ///   - rows: what is still to be written, in the same transaction.
  ///   - isLast: whether the session ends with it.
  /// - Returns: the run, and which masks are new.
  /// - Throws: `CatalogError` with code `nameTaken` where a run of another content has the name, and as
  ///   `write`.
  package func finish(
    _ finished: FinishedRun,
    after rows: UnwrittenRows = UnwrittenRows(),
    isLast: Bool = false
  ) throws(CatalogError) -> FinishOutcome {
    let outcome = try write { database in
      if !rows.isEmpty { try insert(rows, in: database) }
      let outcome = try adopt(finished, in: database)
      if isLast { try remove(in: database) }
      return outcome
    }
    if isLast { catalog.giveBack() }
    return outcome
  }

  private func adopt(_ finished: FinishedRun, in database: Database) throws -> FinishOutcome {
    let base = try finished.base.record(in: database)
    let known = try knownRun(finished, base: base, in: database)
    let run = try known ?? makeRun(finished.origin, base: base, in: database)
    var (added, present): ([MaskDefinition], [MaskDefinition]) = ([], [])
    for mask in finished.masks {
      if try adopt(mask, of: finished, by: run, in: database) {
        added.append(mask.definition)
      } else {
        present.append(mask.definition)
      }
    }
    try Catalog.remember(
      finished.digest,
      of: finished.fingerprint,
      at: finished.location,
      in: database
    )
    let name = try String.fetchOne(
      database,
      sql: "SELECT name FROM run WHERE id = ?",
      arguments: [run]
    )
    return FinishOutcome(
      run: name ?? "",
      added: added,
      known: present
    )
  }

  /// The run that has the content already: the one of the name, or, without a name, the first.
  private func knownRun(
    _ finished: FinishedRun,
    base: Int64,
    in database: Database
  ) throws -> Int64? {
    let same = try Row.fetchAll(
      database,
      sql: "SELECT id, name FROM run WHERE base_id = ? AND digest = ? ORDER BY id",
      arguments: [base, finished.digest.blob]
    )
    guard let name = finished.name else { return try same.first?.value("id") }
    return try same.first { try $0.value("name") == name }?.value("id")
  }

  func makeRun(_ origin: RunOrigin, base: Int64, in database: Database) throws -> Int64 {
    let name = try origin.name ?? freeName(among: origin.suggestedNames, in: database)
    guard try !isTaken(name, in: database) else {
      throw CatalogError(.nameTaken(name), at: catalog.path)
    }
    try database.execute(
      sql: """
        INSERT INTO run (name, base_id, digest, location, added_at) VALUES (?, ?, ?, ?, \(sqlNow))
        """,
      arguments: [name, base, origin.digest.blob, origin.location]
    )
    let run = database.lastInsertedRowID
    for field in origin.fields { try Catalog.record(field, of: run, in: database) }
    try Catalog.sealRun(run, in: database)
    return run
  }

  /// The first of `names` that no run has, else the first with the least number that makes it free.
  private func freeName(among names: [String], in database: Database) throws -> String {
    if let free = try names.first(where: { try !isTaken($0, in: database) }) { return free }
    let name = names.first ?? "run"
    var number = 2
    while try isTaken("\(name)-\(number)", in: database) { number += 1 }
    return "\(name)-\(number)"
  }

  private func isTaken(_ name: String, in database: Database) throws -> Bool {
    try Int.fetchOne(
      database,
      sql: "SELECT count(*) FROM run WHERE name = ?",
      arguments: [name]
    ) != 0
  }

  /// Makes `mask` one of `run`, or removes it where the run has one of its definition.
  private func adopt(
    _ mask: FinishedMask,
    of finished: FinishedRun,
    by run: Int64,
    in database: Database
  ) throws -> Bool {
    let definition = mask.definition
    let isKnown =
      try Int.fetchOne(
        database,
        sql: "SELECT count(*) FROM mask WHERE run_id = ? AND definition = ? AND compare_dtype = ?",
        arguments: [run, definition.rule.description, definition.compareType.rawValue]
      ) != 0
    if isKnown {
      try Catalog.release([mask.id], layout: finished.layout, in: database, of: catalog)
      try database.execute(sql: "DELETE FROM mask WHERE id = ?", arguments: [mask.id])
      return false
    }
    try database.execute(
      sql: """
        UPDATE mask SET ingest_id = NULL, run_id = ?, compared = ?, count = ?, digest = ?,
          extra_tensors = ?
        WHERE id = ?
        """,
      arguments: [
        run, mask.compared, mask.count, mask.digest.blob,
        finished.extraTensors.json, mask.id,
      ]
    )
    guard database.changesCount == 1 else { throw CatalogError(.sessionGone, at: catalog.path) }
    try Catalog.sealMask(mask.id, in: database)
    return true
  }
}
