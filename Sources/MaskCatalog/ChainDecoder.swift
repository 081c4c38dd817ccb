internal import MaskModel
internal import SystemPackage

/// Decodes segments of one catalog, each with what it is coded against, from where SQLite has their
/// bytes.
struct ChainDecoder {
  private let catalog: String
  private let source: SegmentSource
  private let context: ReadContext

  /// A decoder of masks of `catalog` that are found in `source`, for the task whose context it is.
  init(of catalog: Catalog, from source: SegmentSource, using context: ReadContext) {
    self.catalog = catalog.path.string
    self.source = source
    self.context = context
  }

  /// Fills `words` with the segment of `mask` at `place`.
  ///
  /// - Parameters:
  ///   - place: where the segment stands.
  ///   - mask: the row of the mask.
  ///   - isKept: whether the segment is kept for others that are coded against it.
  ///   - words: at least `SegmentGrid.words` long.
  /// - Returns: the set bits.
  /// - Throws: `SegmentFailure`.
  func read(
    _ place: SegmentPlace,
    of mask: Int64,
    isKept: Bool = false,
    into words: inout WordBuffer
  ) throws -> Int {
    context.turn(toTensor: place.ordinal, segment: place.number)
    let known = context[key(mask)]
    guard isKept || known != nil else { return try fill(&words, with: place, of: mask) }
    let found = try known ?? keep(place, of: mask)
    let used = SegmentGrid.words(for: place.positions)
    words.copy(found.row.words, words: used)
    words.clear(from: used * 64)
    return found.count
  }

  private func key(_ mask: Int64) -> ReadContext.Key {
    ReadContext.Key(catalog: catalog, mask: mask)
  }

  private func keep(
    _ place: SegmentPlace,
    of mask: Int64,
    depth: Int = 0
  ) throws -> ReadContext.Reference {
    try context.keep(key(mask)) { try fill(&$0.words, with: place, of: mask, depth: depth) }
  }

  /// Decodes a segment, after what it is coded against where that is not at hand.
  private func fill(
    _ words: inout WordBuffer,
    with place: SegmentPlace,
    of mask: Int64,
    depth: Int = 0
  ) throws -> Int {
    guard depth <= Catalog.longestChain else {
      throw SegmentFailure(mask: mask, reason: "masks are coded against each other in a circle")
    }
    var behind: (mask: Int64, segment: ReadContext.Reference)?
    while true {
      let found = try unsafe source.read(place, of: mask) {
        segment -> (count: Int, missing: Int64?) in
        let reference = unsafe segment.reference
        // Between two reads of a segment its reference may be removed, and it be coded anew.
        if let reference, behind?.mask != reference {
          guard let known = context[key(reference)] else { return (0, reference) }
          behind = (reference, known)
        }
        let other = reference.flatMap { _ in behind?.segment }
        try unsafe decode(segment, positions: place.positions, against: other, into: &words)
        return unsafe (segment.header.count, nil)
      }
      guard let found else {
        guard depth > 0 else { throw SegmentFailure(mask: mask, reason: nil) }
        throw SegmentFailure(mask: mask, reason: "a segment is missing", isMissingReference: true)
      }
      guard let missing = found.missing else { return found.count }
      behind = (missing, try keep(place, of: missing, depth: depth + 1))
    }
  }

  private func decode(
    _ segment: StoredSegment,
    positions: Int,
    against reference: ReadContext.Reference?,
    into words: inout WordBuffer
  ) throws {
    do throws(SegmentError) {
      let (header, bytes) = unsafe (segment.header, segment.bytes)
      if let reference {
        try unsafe context.decoder.decode(
          header,
          bytes: bytes,
          positions: positions,
          against: reference.row.words,
          ones: reference.count,
          into: &words
        )
      } else {
        try unsafe context.decoder.decode(header, bytes: bytes, positions: positions, into: &words)
      }
    } catch {
      throw SegmentFailure(mask: unsafe segment.mask, reason: "\(error)")
    }
  }
}
