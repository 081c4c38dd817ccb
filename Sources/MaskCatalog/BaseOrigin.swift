package import ByteFormats
internal import Foundation
internal import GRDB
package import MaskModel

/// The base of masks that are being written, which the catalog may not have yet.
package struct BaseOrigin: Sendable {
  /// The names and shapes of its tensors.
  package let layout: ModelLayout
  /// The digest of its content.
  package let digest: ContentDigest
  /// What tells its files; nil where none was opened.
  package let fingerprint: ContentDigest?
  /// Where it was read from.
  package let location: String
  /// Its positions by exponent field, as far as they were counted.
  package var exponentTotals: [ExponentTotals]

  package init(
    layout: ModelLayout,
    digest: ContentDigest,
    fingerprint: ContentDigest?,
    location: String,
    exponentTotals: [ExponentTotals] = []
  ) {
    self.layout = layout
    self.digest = digest
    self.fingerprint = fingerprint
    self.location = location
    self.exponentTotals = exponentTotals
  }
}

extension BaseOrigin {
  /// The row of the base, made if there is none.
  func record(in database: Database) throws -> Int64 {
    let layoutID = try Catalog.record(layout, in: database)
    try database.execute(
      sql: """
        INSERT INTO base (digest, layout_id, location, added_at) VALUES (?, ?, ?, \(sqlNow))
        ON CONFLICT (digest) DO NOTHING
        """,
      arguments: [digest.blob, layoutID, location]
    )
    guard
      let base = try Int64.fetchOne(
        database,
        sql: "SELECT id FROM base WHERE digest = ?",
        arguments: [digest.blob]
      )
    else { throw Damage(detail: "the base that was written is not there") }
    try recordTotals(ofBase: base, in: database)
    if let fingerprint {
      try Catalog.remember(digest, of: fingerprint, at: location, in: database)
    }
    return base
  }

  /// Keeps totals that are new; refuses those that contradict what is kept.
  private func recordTotals(ofBase base: Int64, in database: Database) throws {
    guard !exponentTotals.isEmpty else { return }
    let kept = try Catalog.exponentTotals(ofBase: base, in: database)
    let statement = try database.cachedStatement(
      sql: "INSERT INTO base_exponents VALUES (?, ?, ?, ?, ?)"
    )
    for totals in exponentTotals {
      let key = totals.key
      if let bytes = kept[key] {
        guard bytes == totals.bytes else {
          throw Damage(detail: "it keeps other exponents of tensor \(key.ordinal) of the base")
        }
        continue
      }
      try statement.execute(
        arguments: [base, key.compareType.rawValue, key.ordinal, key.compared, Data(totals.bytes)]
      )
    }
  }
}
