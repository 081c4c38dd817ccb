package import ByteFormats
internal import Foundation
internal import GRDB
package import MaskModel

/// A segment of a mask under way.
package struct SegmentRow: Sendable {
  package let mask: Int64
  package let ordinal: Int
  package let number: Int
  package let segment: EncodedSegment
  /// The mask that the segment is coded against.
  fileprivate let reference: Int64?

  /// A segment of `mask`; `reference` is what it is coded against, if it is.
  package init(
    mask: Int64,
    ordinal: Int,
    number: Int,
    segment: EncodedSegment,
    reference: Int64?
  ) {
    self.reference = segment.coding.needsReference ? reference : nil
    self.mask = mask
    self.ordinal = ordinal
    self.number = number
    self.segment = segment
  }
}

/// A tensor of a mask under way, its counts packed.
package struct TensorRow: Sendable {
  package let mask: Int64
  fileprivate let ordinal: Int
  fileprivate let compared: Int
  fileprivate let reason: String?
  fileprivate let baseType: String
  fileprivate let tunedType: String?
  fileprivate let count: Int
  fileprivate let rows: [UInt8]?
  fileprivate let columns: [UInt8]?
  fileprivate let exponents: [UInt8]?

  /// Packs `record`, its counts by exponent against the base's totals.
  ///
  /// - Throws: `FormatError` where these are fewer.
  package init(
    mask: Int64,
    record: MaskTensorRecord,
    exponentTotals: [Int]?
  ) throws(FormatError) {
    self.mask = mask
    let marginals = record.marginals
    (ordinal, compared, reason) = (record.ordinal, record.compared, record.reason)
    (baseType, tunedType, count) = (record.baseType, record.tunedType, marginals.count)
    rows = marginals.rows.map { CountCoding.encode($0) }
    columns = marginals.columns.map { CountCoding.encode($0) }
    if let totals = exponentTotals, let counts = marginals.exponents {
      exponents = try ExponentCoding.encode(counts: counts, totals: totals)
    } else {
      exponents = nil
    }
  }
}

/// Rows on their way to the catalog.
package struct UnwrittenRows: Sendable {
  package private(set) var segments: [SegmentRow] = []
  package private(set) var tensors: [TensorRow] = []
  /// About the memory that they take.
  package private(set) var byteCount = 0

  /// No rows.
  package init() {}

  package var isEmpty: Bool { segments.isEmpty && tensors.isEmpty }

  package mutating func append(_ row: SegmentRow) {
    segments.append(row)
    byteCount += row.byteCount
  }

  package mutating func append(_ row: TensorRow) {
    tensors.append(row)
    byteCount += row.byteCount
  }
}

extension IngestSession {
  /// Writes `rows` in one transaction.
  ///
  /// - Throws: `CatalogError` with code `maskGone` where another process has removed a mask that a
  ///   segment is coded against.
  package func write(_ rows: UnwrittenRows) throws(CatalogError) {
    try write { try insert(rows, in: $0) }
  }

  func insert(_ rows: UnwrittenRows, in database: Database) throws {
    for reference in Set(rows.segments.compactMap(\.reference)) {
      let sql = "SELECT 1 FROM mask WHERE id = ?"
      guard try Int.fetchOne(database, sql: sql, arguments: [reference]) != nil else {
        throw CatalogError(.maskGone, at: catalog.path)
      }
    }
    let segmentStatement = try database.cachedStatement(
      sql: """
        INSERT INTO segment
          (mask_id, ordinal, number, coding, reference_id, count, checksum, bytes)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    )
    for row in rows.segments { try segmentStatement.execute(arguments: row.arguments) }
    let tensorStatement = try database.cachedStatement(
      sql: "INSERT INTO mask_tensor VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    for row in rows.tensors { try tensorStatement.execute(arguments: row.arguments) }
  }
}

extension SegmentRow {
  fileprivate var byteCount: Int { segment.bytes.count + 128 }

  fileprivate var arguments: StatementArguments {
    [
      mask, ordinal, number, segment.coding.rawValue, reference, segment.count,
      Int64(bitPattern: segment.checksum), Data(segment.bytes),
    ]
  }
}

extension TensorRow {
  fileprivate var byteCount: Int {
    (rows?.count ?? 0) + (columns?.count ?? 0) + (exponents?.count ?? 0) + 256
  }

  fileprivate var arguments: StatementArguments {
    [
      mask, ordinal, compared, reason, baseType, tunedType, count,
      rows.map { Data($0) }, columns.map { Data($0) }, exponents.map { Data($0) },
    ]
  }
}
