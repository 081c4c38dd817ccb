package import ByteFormats
internal import GRDB
package import MaskModel

/// The compared positions of one tensor of a base by exponent field, packed.
package struct ExponentTotals: Sendable, Hashable {
  /// What the totals are of, besides the base.
  package struct Key: Sendable, Hashable {
    package let compareType: FloatType
    package let ordinal: Int
    package let compared: Int

    package init(compareType: FloatType, ordinal: Int, compared: Int) {
      self.compareType = compareType
      self.ordinal = ordinal
      self.compared = compared
    }
  }

  package let key: Key
  /// The totals as `ExponentCoding` has them.
  package let bytes: [UInt8]

  /// Packs 256 totals.
  package init(compareType: FloatType, ordinal: Int, compared: Int, totals: [Int]) {
    key = Key(compareType: compareType, ordinal: ordinal, compared: compared)
    bytes = ExponentCoding.encode(totals: totals)
  }
}

extension Catalog {
  /// The packed exponent totals that are kept of the base with the content `digest`.
  package func exponentTotals(
    ofBase digest: ContentDigest
  ) throws(CatalogError) -> [ExponentTotals.Key: [UInt8]] {
    try read { database in
      let id = try Int64.fetchOne(
        database,
        sql: "SELECT id FROM base WHERE digest = ?",
        arguments: [digest.blob]
      )
      return try id.map { try Self.exponentTotals(ofBase: $0, in: database) } ?? [:]
    }
  }

  static func exponentTotals(
    ofBase id: Int64,
    in database: Database
  ) throws -> [ExponentTotals.Key: [UInt8]] {
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT compare_dtype, ordinal, compared, counts FROM base_exponents WHERE base_id = ?",
      arguments: [id]
    )
    var totals: [ExponentTotals.Key: [UInt8]] = [:]
    while let row = try rows.next() {
      guard let type = FloatType(rawValue: try row.value(0)) else {
        throw Damage(detail: "the exponents of a base have an unknown dtype")
      }
      let key = ExponentTotals.Key(
        compareType: type,
        ordinal: try row.value(1),
        compared: try row.value(2)
      )
      totals[key] = try row.bytes("counts")
    }
    return totals
  }
}
