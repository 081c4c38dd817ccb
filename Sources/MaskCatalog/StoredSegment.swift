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

/// A row of `segment`.
struct StoredSegment: Sendable {
  let mask: Int64
  let header: SegmentHeader
  /// The mask that it is coded against.
  let reference: Int64?
  let bytes: [UInt8]
}

/// A segment, what it is coded against, what that is coded against: the last stands alone or is
/// known already.
struct SegmentChain: Sendable {
  /// The references there may be one behind the other.
  static let longest = 2

  let segments: [StoredSegment]

  /// Reads the chain of `mask` at `place`, up to a reference that is known.
  ///
  /// In one transaction, so that all rows are of one state of the catalog.
  init(
    _ place: SegmentPlace,
    of mask: Int64,
    isKnown: (Int64) -> Bool = { _ in false },
    in database: Database
  ) throws {
    var segments: [StoredSegment] = []
    var next: Int64? = mask
    while let id = next {
      guard segments.count <= Self.longest else {
        throw SegmentFailure(mask: mask, reason: "masks are coded against each other in a circle")
      }
      guard let found = try StoredSegment(place, of: id, in: database) else {
        guard !segments.isEmpty else { throw SegmentFailure(mask: id, reason: nil) }
        throw SegmentFailure(mask: id, reason: "a segment is missing")
      }
      segments.append(found)
      next = found.reference.flatMap { isKnown($0) ? nil : $0 }
    }
    self.segments = segments
  }
}

/// What is wrong with a segment of a mask; no reason where the segment is not there.
struct SegmentFailure: Error {
  let mask: Int64
  let reason: String?
}

extension StoredSegment {
  init?(_ place: SegmentPlace, of mask: Int64, in database: Database) throws {
    let statement = try database.cachedStatement(
      sql: """
        SELECT coding, reference_id, count, checksum, bytes FROM segment
        WHERE mask_id = ? AND ordinal = ? AND number = ?
        """
    )
    let rows = try Row.fetchCursor(statement, arguments: [mask, place.ordinal, place.number])
    guard let row = try rows.next() else { return nil }
    self.init(
      mask: mask,
      header: SegmentHeader(
        coding: row["coding"],
        count: row["count"],
        checksum: UInt64(bitPattern: row["checksum"] as Int64)
      ),
      reference: row["reference_id"],
      bytes: try row.withUnsafeData(named: "bytes") { [UInt8]($0 ?? Data()) }
    )
  }
}
