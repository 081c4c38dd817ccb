internal import Foundation
internal import GRDB
internal import MaskModel

/// Where a segment stands: the same in every mask of a base.
struct SegmentPlace: Sendable, Hashable {
  let ordinal: Int
  let number: Int
  let positions: Int

  /// The segments of all tensors of `layout`, in order.
  static func all(of layout: ModelLayout) -> [SegmentPlace] {
    layout.tensors.enumerated().flatMap { ordinal, tensor in
      let positions = tensor.shape.count
      return (0..<SegmentGrid.count(positions: positions)).map { number in
        SegmentPlace(
          ordinal: ordinal,
          number: number,
          positions: SegmentGrid.range(number, positions: positions).count
        )
      }
    }
  }
}

/// A row of `segment`, with its bytes where SQLite has them.
@unsafe
struct StoredSegment {
  let mask: Int64
  let header: SegmentHeader
  /// The mask that it is coded against.
  let reference: Int64?
  let bytes: UnsafeRawBufferPointer

  /// Calls `body` with the segment of `mask` at `place`; nil where there is none.
  static func read<Value>(
    _ place: SegmentPlace,
    of mask: Int64,
    in database: Database,
    _ body: (StoredSegment) throws -> Value
  ) throws -> Value? {
    let statement = try database.cachedStatement(
      sql: """
        SELECT coding, count, checksum, reference_id, bytes FROM segment
        WHERE mask_id = ? AND ordinal = ? AND number = ?
        """
    )
    let rows = try Row.fetchCursor(statement, arguments: [mask, place.ordinal, place.number])
    guard let row = try rows.next() else { return nil }
    let header = SegmentHeader(
      coding: row[0],
      count: row[1],
      checksum: UInt64(bitPattern: row[2] as Int64)
    )
    let reference: Int64? = row[3]
    return try row.withUnsafeData(atIndex: 4) { data in
      try unsafe (data ?? Data()).withUnsafeBytes {
        try unsafe body(
          StoredSegment(mask: mask, header: header, reference: reference, bytes: $0)
        )
      }
    }
  }
}

extension Catalog {
  /// The references there may be one behind the other.
  static var longestChain: Int { 2 }
}

/// What is wrong with a segment of a mask; no reason where the segment is not there.
struct SegmentFailure: Error {
  let mask: Int64
  let reason: String?
}
