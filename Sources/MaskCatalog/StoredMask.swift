internal import Foundation
internal import GRDB
public import MaskModel

/// A mask of a catalog, to be read segment by segment from any task.
public struct StoredMask: MaskReader {
  /// What the catalog says of it.
  public let record: MaskRecord
  /// The coordinate system.
  public let layout: ModelLayout
  /// The changed positions, and the place in the base's layout, of every tensor of `layout`.
  private let counts: [Int]
  private let ordinals: [Int]
  let catalog: Catalog

  fileprivate init(
    _ record: MaskRecord,
    layout: ModelLayout,
    counts: [Int],
    ordinals: [Int],
    catalog: Catalog
  ) {
    self.record = record
    self.layout = layout
    self.counts = counts
    self.ordinals = ordinals
    self.catalog = catalog
  }

  /// The changed positions of tensor `tensor`.
  public func count(tensor: Int) -> Int { counts[tensor] }

  /// Fills `words` with a segment.
  ///
  /// Each call is a transaction; `SegmentAccess` reads many in one.
  ///
  /// - Throws: `CatalogError`, with code `damaged` where the segment fails its checksum and
  ///   `maskGone` where it is no longer there.
  public func read(tensor: Int, segment number: Int, into words: inout WordBuffer) throws -> Int {
    try catalog.read { database in
      try DecoderPool.shared.withDecoder { decoder in
        try read(tensor: tensor, segment: number, in: database, with: &decoder, into: &words)
      }
    }
  }

  /// Unpacks a segment from where SQLite has its bytes.
  func read(
    tensor: Int,
    segment number: Int,
    in database: Database,
    with decoder: inout SegmentDecoder,
    into words: inout WordBuffer
  ) throws -> Int {
    let positions = layout.tensors[tensor].shape.count
    let range = SegmentGrid.range(number, positions: positions)
    let ordinal = ordinals[tensor]
    return try unsafe catalog.withSegment(number, ofTensor: ordinal, of: record, in: database) {
      header,
      bytes in
      do throws(SegmentError) {
        try unsafe decoder.decode(header, bytes: bytes, positions: range.count, into: &words)
      } catch {
        let name = layout.tensors[tensor].name
        throw CatalogError(
          .damaged("segment \(number) of \(name) in \(record.name): \(error)"),
          at: catalog.path
        )
      }
      return header.count
    }
  }
}

extension Catalog {
  /// A reader of the bits of `mask`, over its whole layout.
  public func reader(of mask: MaskRecord) throws(CatalogError) -> StoredMask {
    try reader(of: mask) { _ in true }
  }

  /// A reader of the bits of `mask` over the float tensors of the base: what a trainer calls
  /// parameters.
  public func parameterReader(of mask: MaskRecord) throws(CatalogError) -> StoredMask {
    try reader(of: mask) { FloatType(named: $0) != nil }
  }

  private func reader(
    of mask: MaskRecord,
    where isWanted: (_ baseType: String) -> Bool
  ) throws(CatalogError) -> StoredMask {
    let layout = try layout(mask.run.base.layoutID)
    let rows = try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT count, base_dtype FROM mask_tensor WHERE mask_id = ? ORDER BY ordinal",
        arguments: [mask.id]
      ).map { (count: $0["count"] as Int, baseType: $0["base_dtype"] as String) }
    }
    guard rows.count == layout.tensors.count else {
      throw CatalogError(.damaged("mask \(mask.name) lacks tensors"), at: path)
    }
    let ordinals = rows.indices.filter { isWanted(rows[$0].baseType) }
    return StoredMask(
      mask,
      layout: ModelLayout(ordinals.map { layout.tensors[$0] }),
      counts: ordinals.map { rows[$0].count },
      ordinals: ordinals,
      catalog: self
    )
  }

  /// Calls `body` with one row of `segment`: its header and, where SQLite has them, its bytes.
  fileprivate func withSegment<Value>(
    _ number: Int,
    ofTensor ordinal: Int,
    of mask: MaskRecord,
    in database: Database,
    _ body: (SegmentHeader, UnsafeRawBufferPointer) throws -> Value
  ) throws -> Value {
    let statement = try database.cachedStatement(
      sql: """
        SELECT coding, count, checksum, bytes FROM segment
        WHERE mask_id = ? AND ordinal = ? AND number = ?
        """
    )
    let rows = try Row.fetchCursor(statement, arguments: [mask.id, ordinal, number])
    guard let row = try rows.next() else { throw CatalogError(.maskGone, at: path) }
    let header = SegmentHeader(
      coding: row[0],
      count: row[1],
      checksum: UInt64(bitPattern: row[2] as Int64)
    )
    return try row.withUnsafeData(atIndex: 3) { data in
      try unsafe (data ?? Data()).withUnsafeBytes { try unsafe body(header, $0) }
    }
  }
}
