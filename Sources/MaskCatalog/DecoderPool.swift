internal import MaskModel
internal import Synchronization

/// Decoders with their scratch memory, lent to one task at a time.
final class DecoderPool: Sendable {
  /// The pool of the process; it grows to the number of tasks that decode at once.
  static let shared = DecoderPool()

  private let idle = Mutex<[ChainDecoder]>([])

  /// Calls `body` with a decoder that no other task uses.
  func lend<Result>(_ body: (ChainDecoder) throws -> Result) rethrows -> Result {
    let lent = idle.withLock { $0.popLast() } ?? ChainDecoder()
    defer { idle.withLock { $0.append(lent) } }
    return try body(lent)
  }
}

/// Decodes segments with what they are coded against.
// Sendable: the pool hands each to one task at a time.
final class ChainDecoder: @unchecked Sendable {
  private var decoder = SegmentDecoder()
  private var spare: [ReferenceCache.Row] = []

  /// Fills `words` with the first segment of `chain`.
  ///
  /// - Parameters:
  ///   - chain: the segment and what it is coded against.
  ///   - positions: of the segment.
  ///   - references: gives the row of a mask that is decoded already, and keeps others.
  ///   - words: at least `SegmentGrid.words` long.
  /// - Throws: `SegmentFailure`.
  func decode(
    _ chain: SegmentChain,
    positions: Int,
    sharing references: SharedReferences? = nil,
    into words: inout WordBuffer
  ) throws {
    let (first, rest) = (chain.segments[0], chain.segments.dropFirst())
    var behind = chain.segments.last?.reference.flatMap { references?.row(of: $0) }
    for segment in rest.reversed() {
      let below = behind
      behind = try keep(segment.mask, in: references) { row in
        try self.decode(segment, positions: positions, against: below, into: &row.words)
        row.count = segment.header.count
      }
      if references == nil, let below { spare.append(below) }
    }
    try decode(first, positions: positions, against: behind, into: &words)
    if references == nil, let behind { spare.append(behind) }
  }

  private func keep(
    _ mask: Int64,
    in references: SharedReferences?,
    _ decode: (ReferenceCache.Row) throws -> Void
  ) throws -> ReferenceCache.Row {
    if let references { return try references.keep(mask, decode) }
    let row = spare.popLast() ?? ReferenceCache.Row()
    try decode(row)
    return row
  }

  private func decode(
    _ segment: StoredSegment,
    positions: Int,
    against reference: ReferenceCache.Row?,
    into words: inout WordBuffer
  ) throws {
    let failure = unsafe segment.bytes.withUnsafeBytes { bytes -> SegmentError? in
      do throws(SegmentError) {
        if let reference {
          try unsafe decoder.decode(
            segment.header,
            bytes: bytes,
            positions: positions,
            against: reference.words,
            into: &words
          )
        } else {
          try unsafe decoder.decode(
            segment.header,
            bytes: bytes,
            positions: positions,
            into: &words
          )
        }
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw SegmentFailure(mask: segment.mask, reason: "\(failure)") }
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
