internal import GRDB
internal import MaskModel

/// Decodes segments, each with what it is coded against, from where SQLite has their bytes.
// Sendable: the pool hands each to one task at a time.
final class ChainDecoder: @unchecked Sendable {
  private var decoder = SegmentDecoder()

  /// Fills `words` with the segment of `mask` at `place`.
  ///
  /// - Parameters:
  ///   - place: where the segment stands.
  ///   - mask: the row of the mask.
  ///   - isKept: whether the segment is kept for others that are coded against it.
  ///   - source: where the segment and its references are.
  ///   - references: gives segments that are decoded already, and keeps others.
  ///   - words: at least `SegmentGrid.words` long.
  /// - Returns: the set bits.
  /// - Throws: `SegmentFailure`.
  func read(
    _ place: SegmentPlace,
    of mask: Int64,
    isKept: Bool = false,
    from source: SegmentSource,
    sharing references: SharedReferences,
    into words: inout WordBuffer
  ) throws -> Int {
    references.cache.turn(toTensor: place.ordinal, segment: place.number)
    let known = references.row(of: mask)
    guard isKept || known != nil else {
      return try fill(&words, with: place, of: mask, from: source, references)
    }
    let row = try known ?? keep(place, of: mask, from: source, references)
    let used = SegmentGrid.words(for: place.positions)
    words.copy(row.words, words: used)
    words.clear(from: used * 64)
    return row.count
  }

  private func keep(
    _ place: SegmentPlace,
    of mask: Int64,
    depth: Int = 0,
    from source: SegmentSource,
    _ references: SharedReferences
  ) throws -> ReferenceCache.Row {
    try references.keep(mask) { row in
      row.count = try fill(
        &row.words,
        with: place,
        of: mask,
        depth: depth,
        from: source,
        references
      )
    }
  }

  /// Decodes a segment, after what it is coded against where that is not at hand.
  private func fill(
    _ words: inout WordBuffer,
    with place: SegmentPlace,
    of mask: Int64,
    depth: Int = 0,
    from source: SegmentSource,
    _ references: SharedReferences
  ) throws -> Int {
    guard depth <= Catalog.longestChain else {
      throw SegmentFailure(mask: mask, reason: "masks are coded against each other in a circle")
    }
    var behind: (mask: Int64, row: ReferenceCache.Row)?
    while true {
      let found = try unsafe source.read(place, of: mask) {
        segment -> (count: Int, missing: Int64?) in
        let reference = unsafe segment.reference
        // Between two reads of a segment its reference may be removed, and it be coded anew.
        if let reference, behind?.mask != reference {
          guard let row = references.row(of: reference) else { return (0, reference) }
          behind = (reference, row)
        }
        let row = reference.flatMap { _ in behind?.row }
        try unsafe decode(segment, positions: place.positions, against: row, into: &words)
        return unsafe (segment.header.count, nil)
      }
      guard let found else {
        guard depth > 0 else { throw SegmentFailure(mask: mask, reason: nil) }
        throw SegmentFailure(mask: mask, reason: "a segment is missing", isMissingReference: true)
      }
      guard let missing = found.missing else { return found.count }
      behind = (missing, try keep(place, of: missing, depth: depth + 1, from: source, references))
    }
  }

  private func decode(
    _ segment: StoredSegment,
    positions: Int,
    against reference: ReferenceCache.Row?,
    into words: inout WordBuffer
  ) throws {
    do throws(SegmentError) {
      let (header, bytes) = unsafe (segment.header, segment.bytes)
      if let reference {
        try unsafe decoder.decode(
          header,
          bytes: bytes,
          positions: positions,
          against: reference.words,
          ones: reference.count,
          into: &words
        )
      } else {
        try unsafe decoder.decode(header, bytes: bytes, positions: positions, into: &words)
      }
    } catch {
      throw SegmentFailure(mask: unsafe segment.mask, reason: "\(error)")
    }
  }
}

/// A cache of references, for the masks of one catalog.
struct SharedReferences {
  let cache: ReferenceCache
  let catalog: String

  func row(of mask: Int64) -> ReferenceCache.Row? { cache[key(mask)] }

  func keep(
    _ mask: Int64,
    _ decode: (ReferenceCache.Row) throws -> Void
  ) throws -> ReferenceCache.Row {
    try cache.keep(key(mask), decode)
  }

  private func key(_ mask: Int64) -> ReferenceCache.Key {
    ReferenceCache.Key(catalog: catalog, mask: mask)
  }
}
