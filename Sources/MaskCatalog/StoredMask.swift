internal import GRDB
public import MaskModel
internal import SystemPackage

/// A mask of a catalog, to be read segment by segment from any task.
public struct StoredMask: MaskReader {
  /// What the catalog says of it.
  public let record: MaskRecord
  /// The coordinate system.
  public let layout: ModelLayout
  /// The changed positions, and the place in the base's layout, of every tensor of `layout`.
  private let counts: [Int]
  private let ordinals: [Int]
  /// Whether other masks are coded against it.
  private let isReference: Bool
  let catalog: Catalog

  fileprivate init(
    _ record: MaskRecord,
    layout: ModelLayout,
    counts: [Int],
    ordinals: [Int],
    isReference: Bool,
    catalog: Catalog
  ) {
    self.record = record
    self.layout = layout
    self.counts = counts
    self.ordinals = ordinals
    self.isReference = isReference
    self.catalog = catalog
  }

  /// The changed positions of tensor `tensor`.
  public func count(tensor: Int) -> Int { counts[tensor] }

  /// Fills `words` with a segment.
  ///
  /// - Throws: `CatalogError`, with code `damaged` where the segment, or one that it is coded against,
  ///   fails its checksum and `maskGone` where it is no longer there.
  public func read(
    tensor: Int,
    segment number: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    try read(tensor: tensor, segment: number, from: .catalog(catalog), into: &words, using: context)
  }

  /// The same from `source`; keeps in `context` what the segment is coded against, and itself where
  /// others are coded against it.
  func read(
    tensor: Int,
    segment number: Int,
    from source: SegmentSource,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    let decoder = ChainDecoder(of: catalog, from: source, using: context)
    let place = SegmentPlace(ordinal: ordinals[tensor], number: number, of: layout.tensors[tensor])
    return try explained(tensor: tensor, segment: number) {
      var tries = 0
      while true {
        do {
          return try decoder.read(place, of: record.id, isKept: isReference, into: &words)
        } catch let failure as SegmentFailure where failure.isMissingReference && tries < 3 {
          tries += 1  // The reference was removed, and the segment coded anew, between two reads.
        }
      }
    }
  }

  /// The same mask of fewer tensors, which is counted as the whole is.
  public func slice(_ tensors: Range<Int>) -> any MaskReader {
    Self(
      record,
      layout: ModelLayout(Array(layout.tensors[tensors])),
      counts: Array(counts[tensors]),
      ordinals: Array(ordinals[tensors]),
      isReference: isReference,
      catalog: catalog
    )
  }

  /// Says which segment it was that could not be read.
  private func explained(tensor: Int, segment: Int, _ body: () throws -> Int) throws -> Int {
    do {
      return try body()
    } catch let failure as SegmentFailure {
      guard let reason = failure.reason else { throw CatalogError(.maskGone, at: catalog.path) }
      let name = layout.tensors[tensor].name
      let cause =
        failure.mask == record.id
        ? reason
        : "it is coded against \(try catalog.maskName(failure.mask)), where \(reason)"
      throw CatalogError(
        .damaged("segment \(segment) of \(name) in \(record.name): \(cause)"),
        at: catalog.path
      )
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
    try read { database in
      let layout = try layout(of: mask, in: database)
      let rows = try Row.fetchAll(
        database.cachedStatement(
          sql: """
            SELECT compared, count, base_dtype FROM mask_tensor WHERE mask_id = ? ORDER BY ordinal
            """
        ),
        arguments: [mask.id]
      )
      guard rows.count == layout.tensors.count else { throw Damage(tensorsOf: mask, layout) }
      let counts = try zip(layout.tensors, rows).map { tensor, row in
        try TensorExtent(row.value(0), row.value(1), of: tensor, in: mask).count
      }
      let ordinals = try rows.indices.filter { isWanted(try rows[$0].value(2)) }
      let isWhole = ordinals.count == rows.count
      return StoredMask(
        mask,
        layout: isWhole ? layout : ModelLayout(ordinals.map { layout.tensors[$0] }),
        counts: isWhole ? counts : ordinals.map { counts[$0] },
        ordinals: ordinals,
        isReference: try Self.isReference(mask.id, in: database),
        catalog: self
      )
    }
  }

  /// Whether segments of other masks are coded against mask `id`.
  private static func isReference(_ id: Int64, in database: Database) throws -> Bool {
    try Int.fetchOne(
      database.cachedStatement(sql: "SELECT 1 FROM segment WHERE reference_id = ? LIMIT 1"),
      arguments: [id]
    ) != nil
  }

  /// The name of the mask of row `id`, for messages.
  func maskName(_ id: Int64) throws(CatalogError) -> String {
    try masks().first { $0.id == id }?.name ?? "a mask that is not there"
  }
}
