internal import Foundation
internal import GRDB
public import MaskModel

/// A mask of a catalog, to be read segment by segment from any task.
public struct StoredMask: MaskReader {
  /// What the catalog says of it.
  public let record: MaskRecord
  /// The coordinate system.
  public let layout: ModelLayout
  private let counts: [Int]
  private let catalog: Catalog

  init(_ record: MaskRecord, layout: ModelLayout, counts: [Int], catalog: Catalog) {
    self.record = record
    self.layout = layout
    self.counts = counts
    self.catalog = catalog
  }

  /// The changed positions of tensor `tensor`.
  public func count(tensor: Int) -> Int { counts[tensor] }

  /// Fills `words` with a segment.
  ///
  /// - Throws: `CatalogError`, with code `damaged` where the segment fails its checksum and
  ///   `maskGone` where it is no longer there.
  public func read(tensor: Int, segment number: Int, into words: inout WordBuffer) throws -> Int {
    let positions = layout.tensors[tensor].shape.count
    let range = SegmentGrid.range(number, positions: positions)
    let (header, bytes) = try catalog.segment(number, ofTensor: tensor, of: record)
    do {
      try DecoderPool.shared.decode(header, bytes, positions: range.count, into: &words)
    } catch {
      let name = layout.tensors[tensor].name
      throw CatalogError(
        .damaged("segment \(number) of \(name) in \(record.name): \(error)"), at: catalog.path)
    }
    return header.count
  }
}

extension Catalog {
  /// A reader of the bits of `mask`.
  public func reader(of mask: MaskRecord) throws(CatalogError) -> StoredMask {
    let layout = try layout(mask.run.base.layoutID)
    let counts = try read { database in
      try Int.fetchAll(
        database, sql: "SELECT count FROM mask_tensor WHERE mask_id = ? ORDER BY ordinal",
        arguments: [mask.id])
    }
    guard counts.count == layout.tensors.count else {
      throw CatalogError(.damaged("mask \(mask.name) lacks tensors"), at: path)
    }
    return StoredMask(mask, layout: layout, counts: counts, catalog: self)
  }

  /// One row of `segment`: its header and a copy of its bytes.
  func segment(
    _ number: Int, ofTensor ordinal: Int, of mask: MaskRecord
  ) throws(CatalogError) -> (SegmentHeader, [UInt8]) {
    try read { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT coding, count, checksum, bytes FROM segment
          WHERE mask_id = ? AND ordinal = ? AND number = ?
          """)
      let rows = try Row.fetchCursor(statement, arguments: [mask.id, ordinal, number])
      guard let row = try rows.next() else { throw CatalogError(.maskGone, at: path) }
      let header = SegmentHeader(
        coding: row["coding"], count: row["count"],
        checksum: UInt64(bitPattern: row["checksum"] as Int64))
      return (header, try row.withUnsafeData(named: "bytes") { [UInt8]($0 ?? Data()) })
    }
  }
}
