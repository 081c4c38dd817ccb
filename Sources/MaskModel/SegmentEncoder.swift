internal import ByteFormats
internal import CMaskKernels

/// Packs the bits of segments, one task at a time, choosing the smallest coding for each.
public struct SegmentEncoder: ~Copyable, Sendable {
  private var compressor = ZstdCompressor()
  private var gaps = [UInt8](repeating: 0, count: SegmentGrid.length / 4)
  private var complement = WordBuffer()

  /// The share of set bits, or of unset ones, up to which byte gaps are tried.
  ///
  /// They beat packed words up to about 0.11 on independent bits.
  private static let gapDensity = 0.12
  /// The positions up to which every coding is tried: small segments cost little.
  private static let smallSegment = 1 << 16

  /// An encoder with its scratch memory, 1.5 MiB.
  public init() {}

  /// The smallest coding of the leading `positions` bits of `words`; later bits must be zero.
  ///
  /// Where nothing is stored, `packs` is false, and count and checksum alone are filled in.
  /// Cost: a pass each to count and to digest, one or two to pack, together about 1 GB/s of bits.
  public mutating func encode(
    _ words: borrowing WordBuffer,
    positions: Int,
    packs: Bool = true
  )
    -> EncodedSegment
  {
    let wordCount = SegmentGrid.words(for: positions)
    return unsafe words.withWords { all in
      let used = unsafe UnsafeBufferPointer(rebasing: all[..<wordCount])
      let count = unsafe Int(mk_count(used.baseAddress, wordCount))
      let bytes = unsafe SegmentBits.bytes(of: used, positions: positions)
      let (coding, packed) =
        unsafe packs
        ? pack(used, bytes, count: count, positions: positions) : (.raw, [])
      return unsafe EncodedSegment(
        coding: coding,
        count: count,
        checksum: SegmentBits.checksum(bytes),
        bytes: packed
      )
    }
  }

  private mutating func pack(
    _ words: UnsafeBufferPointer<UInt64>,
    _ bytes: UnsafeRawBufferPointer,
    count: Int,
    positions: Int
  ) -> (SegmentCoding, [UInt8]) {
    if count == 0 { return (.empty, []) }
    if count == positions { return (.full, []) }
    let rare = Double(min(count, positions - count)) / Double(positions)
    let isSmall = positions <= Self.smallSegment
    var best: (SegmentCoding, [UInt8])?
    if rare < Self.gapDensity || isSmall {
      best = unsafe packGaps(words, ofComplement: 2 * count > positions, positions: positions)
    }
    if best == nil || rare > Self.gapDensity / 2 || isSmall {
      let limit = best?.1.count ?? bytes.count
      if let packed = unsafe compressor.compress(bytes, below: limit) { best = (.packed, packed) }
    }
    return unsafe best ?? (.raw, [UInt8](bytes))
  }

  /// The gaps as one frame, if that is smaller than the raw bytes.
  private mutating func packGaps(
    _ words: UnsafeBufferPointer<UInt64>,
    ofComplement: Bool,
    positions: Int
  ) -> (SegmentCoding, [UInt8])? {
    if ofComplement { unsafe fillComplement(of: words, positions: positions) }
    let written = unsafe complement.withWords { complement in
      let source = ofComplement ? complement.baseAddress : words.baseAddress
      return unsafe gaps.withUnsafeMutableBufferPointer {
        unsafe mk_gaps_encode(source, words.count, $0.baseAddress, $0.count)
      }
    }
    guard written <= gaps.count else { return nil }
    let frame = unsafe gaps.withUnsafeBytes {
      unsafe compressor.compress(
        UnsafeRawBufferPointer(rebasing: $0[..<written]),
        below: (positions + 7) / 8
      )
    }
    return frame.map { (ofComplement ? .complementGaps : .gaps, $0) }
  }

  private mutating func fillComplement(
    of words: UnsafeBufferPointer<UInt64>,
    positions: Int
  ) {
    unsafe complement.withMutableWords {
      unsafe SegmentBits.complement(words, into: $0, positions: positions)
    }
  }
}
