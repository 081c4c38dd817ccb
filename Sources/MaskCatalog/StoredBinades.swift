internal import ByteFormats
internal import Foundation
internal import GRDB
public import MaskModel

/// The exact binades of a base's weights, as `add --keep-magnitudes` keeps them, segment by segment.
///
/// The binade of a position is the fp32 exponent field (0 to 255) of the base's value, cast to the
/// compare dtype and widened to fp32: the stratum of the magnitude null. May be read from any task.
public struct StoredBinades: Sendable {
  /// The base.
  public let base: BaseRecord
  /// The dtype that values were cast to.
  public let compareType: FloatType
  /// The base's tensors.
  public let layout: ModelLayout
  fileprivate let catalog: Catalog

  /// The binades of a segment, one a position.
  ///
  /// - Parameters:
  ///   - ordinal: the tensor, by its place in the base's layout.
  ///   - number: the segment of the tensor.
  /// - Returns: as many fields as the segment has positions; nil where the tensor's are not kept,
  ///   because it is of no float type or the add that kept them was stopped.
  /// - Throws: `CatalogError` with code `damaged` where they fail their checksum.
  public func read(tensor ordinal: Int, segment number: Int) throws(CatalogError) -> [UInt8]? {
    let tensor = layout.tensors[ordinal]
    let positions = SegmentGrid.range(number, positions: tensor.shape.count).count
    let row = try catalog.read { database in
      let found = try Row.fetchOne(
        database,
        sql: """
          SELECT checksum, bytes FROM base_binades
          WHERE base_id = ? AND compare_dtype = ? AND ordinal = ? AND number = ?
          """,
        arguments: [base.id, compareType.rawValue, ordinal, number]
      )
      return try found.map { row in
        (
          checksum: UInt64(bitPattern: try row.value("checksum") as Int64),
          bytes: try row.bytes("bytes") ?? []
        )
      }
    }
    guard let row else { return nil }
    var coding = BinadeCoding()
    var fields = [UInt8](repeating: 0, count: positions)
    guard coding.decode(row.bytes, into: &fields),
      unsafe ContentDigest(of: fields.span.bytes).low == row.checksum
    else {
      throw CatalogError(
        .damaged("segment \(number) of the binades of \(tensor.name) as \(compareType.rawValue)"),
        at: catalog.path
      )
    }
    return fields
  }

  /// The positions of tensor `ordinal`, of which all segments are kept, by binade.
  func totals(tensor ordinal: Int) throws(CatalogError) -> [Int] {
    var totals = [Int](repeating: 0, count: 256)
    for number in 0..<SegmentGrid.count(positions: layout.tensors[ordinal].shape.count) {
      for field in try read(tensor: ordinal, segment: number) ?? [] { totals[Int(field)] += 1 }
    }
    return totals
  }

  /// The segments of tensor `ordinal` that are kept.
  package func kept(tensor ordinal: Int) throws(CatalogError) -> Set<Int> {
    try catalog.read { database in
      try Set(
        Int.fetchAll(
          database,
          sql: """
            SELECT number FROM base_binades
            WHERE base_id = ? AND compare_dtype = ? AND ordinal = ?
            """,
          arguments: [base.id, compareType.rawValue, ordinal]
        )
      )
    }
  }

  /// Whether every segment of the tensors `ordinals` is kept.
  public func isWhole(of ordinals: [Int]) throws(CatalogError) -> Bool {
    for ordinal in ordinals {
      let segments = SegmentGrid.count(positions: layout.tensors[ordinal].shape.count)
      if try kept(tensor: ordinal).count < segments { return false }
    }
    return true
  }

  /// Keeps the binades of segments that are not kept yet, in one transaction.
  package func keep(
    _ segments: [(number: Int, fields: [UInt8])],
    ofTensor ordinal: Int
  ) throws(CatalogError) {
    var coding = BinadeCoding()
    let rows = segments.map { number, fields in
      unsafe (number, ContentDigest(of: fields.span.bytes).low, coding.encode(fields))
    }
    try catalog.write { database in
      let isThere = try Int.fetchOne(
        database,
        sql: "SELECT 1 FROM base WHERE id = ?",
        arguments: [base.id]
      )
      guard isThere != nil else { throw CatalogError(.runGone, at: catalog.path) }
      for (number, checksum, bytes) in rows {
        try database.cachedStatement(
          sql: "INSERT OR IGNORE INTO base_binades VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(
          arguments: [
            base.id, compareType.rawValue, ordinal, number, Int64(bitPattern: checksum),
            Data(bytes),
          ]
        )
      }
    }
  }
}

extension StoredBinades: BinadeReader {
  /// Fills `fields` with the binades of a segment, zeros where the tensor's are not kept.
  public func read(tensor: Int, segment number: Int, into fields: inout [UInt8]) throws {
    let range = SegmentGrid.range(number, positions: layout.tensors[tensor].shape.count)
    fields =
      try read(tensor: tensor, segment: number) ?? [UInt8](repeating: 0, count: range.count)
  }
}

extension Catalog {
  /// The binades of `base` in `compareType`, whether kept or still to be kept.
  package func binadeStore(
    of base: BaseRecord,
    as compareType: FloatType
  ) throws(CatalogError) -> StoredBinades {
    StoredBinades(
      base: base,
      compareType: compareType,
      layout: try layout(base.layoutID),
      catalog: self
    )
  }

  /// The binades of `base` in `compareType`, where they are kept of all tensors of which a mask with
  /// `domain` is about some positions; else nil.
  public func binades(
    of base: BaseRecord,
    as compareType: FloatType,
    for domain: [TensorDomain]
  ) throws(CatalogError) -> StoredBinades? {
    let stored = try binades(of: base, as: compareType)
    let needed = domain.indices.filter { tensor in
      domain[tensor].compared > 0 && FloatType(named: domain[tensor].baseType) != nil
    }
    guard let stored, try stored.isWhole(of: needed) else { return nil }
    return stored
  }

  /// The binades of `base` in `compareType`; nil where `add --keep-magnitudes` has kept none.
  public func binades(
    of base: BaseRecord,
    as compareType: FloatType
  ) throws(CatalogError) -> StoredBinades? {
    let isKept = try read { database in
      try Int.fetchOne(
        database,
        sql: "SELECT 1 FROM base_binades WHERE base_id = ? AND compare_dtype = ? LIMIT 1",
        arguments: [base.id, compareType.rawValue]
      ) != nil
    }
    return isKept ? try binadeStore(of: base, as: compareType) : nil
  }
}
