internal import Foundation
internal import GRDB
package import MaskModel

/// Where a segment stands: the same in every mask of a base.
package struct SegmentPlace: Sendable, Hashable {
  package let ordinal: Int
  package let number: Int
  package let positions: Int

  package init(ordinal: Int, number: Int, positions: Int) {
    self.ordinal = ordinal
    self.number = number
    self.positions = positions
  }

  /// Segment `number` of `tensor`, which stands at `ordinal` in the base's layout.
  package init(ordinal: Int, number: Int, of tensor: TensorLayout) {
    self.init(
      ordinal: ordinal,
      number: number,
      positions: SegmentGrid.range(number, positions: tensor.shape.count).count
    )
  }

  /// The segments of all tensors of `layout`, in order.
  package static func all(of layout: ModelLayout) -> [SegmentPlace] {
    layout.tensors.enumerated().flatMap { ordinal, tensor in
      (0..<SegmentGrid.count(positions: tensor.shape.count)).map { number in
        SegmentPlace(ordinal: ordinal, number: number, of: tensor)
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
      coding: try row.value(0),
      count: try row.value(1),
      checksum: UInt64(bitPattern: try row.value(2) as Int64)
    )
    let reference: Int64? = try row.value(3)
    return try row.withUnsafeData(atIndex: 4) { data in
      try unsafe (data ?? Data()).withUnsafeBytes {
        try unsafe body(
          StoredSegment(mask: mask, header: header, reference: reference, bytes: $0)
        )
      }
    }
  }
}

/// Where segments are read from.
enum SegmentSource {
  /// A transaction, in which all rows are of one state of the catalog.
  case transaction(Database)
  /// The catalog, which is held no longer than it takes to copy the bytes of one segment.
  case catalog(Catalog)

  /// Calls `body` with the segment of `mask` at `place`; nil where there is none.
  func read<Value>(
    _ place: SegmentPlace,
    of mask: Int64,
    _ body: (StoredSegment) throws -> Value
  ) throws -> Value? {
    switch self {
    case .transaction(let database):
      return try unsafe StoredSegment.read(place, of: mask, in: database, body)
    case .catalog(let catalog):
      let found = try catalog.read { database in
        try unsafe StoredSegment.read(place, of: mask, in: database) {
          unsafe (header: $0.header, reference: $0.reference, bytes: [UInt8]($0.bytes))
        }
      }
      return try found.map { found in
        try unsafe found.bytes.withUnsafeBytes {
          try unsafe body(
            StoredSegment(mask: mask, header: found.header, reference: found.reference, bytes: $0)
          )
        }
      }
    }
  }
}

extension Catalog {
  /// The references there may be one behind the other.
  package static var longestChain: Int { 3 }
}

/// What is wrong with a segment of a mask.
struct SegmentFailure: Error {
  let mask: Int64
  /// Nil where the segment is not there.
  let reason: String?
  /// Whether a segment is not there that another is coded against.
  var isMissingReference = false
}
