internal import Foundation
internal import GRDB
package import MaskModel

/// A segment of a mask under way.
package struct SegmentRow: Sendable {
  package let mask: Int64
  package let ordinal: Int
  package let number: Int
  package let segment: EncodedSegment

  package init(mask: Int64, ordinal: Int, number: Int, segment: EncodedSegment) {
    self.mask = mask
    self.ordinal = ordinal
    self.number = number
    self.segment = segment
  }
}

/// A tensor of a mask under way, with the exponent totals that its counts are coded against.
package struct TensorRow: Sendable {
  package let mask: Int64
  package let record: MaskTensorRecord
  package let exponentTotals: [Int]?

  package init(mask: Int64, record: MaskTensorRecord, exponentTotals: [Int]?) {
    self.mask = mask
    self.record = record
    self.exponentTotals = exponentTotals
  }
}

extension IngestSession {
  /// Writes segments and tensors in one transaction.
  package func write(_ segments: [SegmentRow], _ tensors: [TensorRow]) throws(CatalogError) {
    try catalog.write { database in
      try database.execute(
        sql: "UPDATE ingest SET touched_at = unixepoch() WHERE id = ?",
        arguments: [id]
      )
      let segmentStatement = try database.cachedStatement(
        sql: """
          INSERT INTO segment (mask_id, ordinal, number, coding, count, checksum, bytes)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """
      )
      for row in segments { try segmentStatement.execute(arguments: row.arguments) }
      let tensorStatement = try database.cachedStatement(
        sql: "INSERT INTO mask_tensor VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      )
      for row in tensors { try tensorStatement.execute(arguments: row.arguments) }
    }
  }
}

extension SegmentRow {
  fileprivate var arguments: StatementArguments {
    [
      mask, ordinal, number, segment.coding.rawValue, segment.count,
      Int64(bitPattern: segment.checksum), Data(segment.bytes),
    ]
  }
}

extension TensorRow {
  fileprivate var arguments: StatementArguments {
    let marginals = record.marginals
    let exponents = exponentTotals.flatMap { totals in
      marginals.exponents.map { ExponentCoding.encode(counts: $0, totals: totals) }
    }
    return [
      mask, record.ordinal, record.compared, record.reason, record.baseType, record.tunedType,
      marginals.count, marginals.rows.map { Data(CountCoding.encode($0)) },
      marginals.columns.map { Data(CountCoding.encode($0)) }, exponents.map { Data($0) },
    ]
  }
}
