internal import ByteFormats
internal import Foundation
internal import GRDB
internal import MaskModel

/// The exact intersections of two masks in every tensor of their layout.
public struct PairCount: Sendable, Hashable {
  /// The rows of the two masks, the smaller first.
  public let masks: [Int64]
  /// The intersection in every tensor, in the order of the layout; where the count was stopped, in
  /// the leading tensors.
  public let intersections: [Int]

  /// The intersections of two masks, in either order.
  public init(_ a: Int64, _ b: Int64, intersections: [Int]) {
    masks = [min(a, b), max(a, b)]
    self.intersections = intersections
  }
}

extension Catalog {
  /// The pair counts that are kept between any two of `masks`.
  ///
  /// Reads no segment.
  public func pairCounts(among masks: [MaskRecord]) throws(CatalogError) -> [PairCount] {
    let wanted = Set(masks.map(\.id))
    return try read { database in
      let rows = try Row.fetchCursor(database, sql: "SELECT mask_a, mask_b, counts FROM pair")
      var pairs: [PairCount] = []
      while let row = try rows.next() {
        let (a, b): (Int64, Int64) = (try row.value("mask_a"), try row.value("mask_b"))
        guard wanted.contains(a), wanted.contains(b) else { continue }
        pairs.append(PairCount(a, b, intersections: try Self.decode(row.bytes("counts") ?? [])))
      }
      return pairs
    }
  }

  /// Keeps pair counts, in one short transaction; of a pair that is there, those of more tensors.
  ///
  /// A pair whose count was stopped has intersections in the leading tensors alone.
  public func keep(_ pairs: [PairCount]) throws(CatalogError) {
    try write { database in
      let statement = try database.cachedStatement(
        sql: """
          INSERT INTO pair (mask_a, mask_b, counts)
          SELECT ?, ?, ? WHERE (SELECT count(*) FROM mask WHERE id IN (?, ?)) = 2
          -- Of two prefixes of one list the longer has more bytes.
          ON CONFLICT DO UPDATE SET counts = excluded.counts
            WHERE length(excluded.counts) > length(counts)
          """
      )
      for pair in pairs {
        let (a, b) = (pair.masks[0], pair.masks[1])
        try statement.execute(arguments: [a, b, Data(Self.encode(pair.intersections)), a, b])
      }
    }
  }

  private static func encode(_ intersections: [Int]) -> [UInt8] {
    var writer = ByteWriter()
    for count in intersections { writer.append(varint: UInt64(count)) }
    return writer.bytes
  }

  private static func decode(_ bytes: [UInt8]) throws -> [Int] {
    do {
      var reader = ByteReader(bytes.span)
      var counts: [Int] = []
      while reader.remaining > 0 {
        guard let count = Int(exactly: try reader.varint()) else {
          throw FormatError(.numberOutOfRange, at: reader.offset)
        }
        counts.append(count)
      }
      return counts
    } catch {
      throw Damage(detail: "the counts of a pair: \(error)")
    }
  }
}
