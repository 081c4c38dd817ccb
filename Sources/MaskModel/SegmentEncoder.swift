package import ByteFormats
internal import CMaskKernels

/// Packs the bits of segments, one task at a time, choosing a small coding for each.
public struct SegmentEncoder: ~Copyable, Sendable {
  private var packer: BitPacker
  private var low: WordBuffer
  private var high: WordBuffer

  /// What a predicted segment must save against its bits alone, and the bytes that two streams cost more.
  private static let worthwhile = (factor: 0.97, bytes: 8.0)

  /// The scratch memory of an encoder, of which it touches what it needs.
  package static let byteCount = 5 << 20

  /// An encoder with scratch memory of its own.
  public init() { self.init(in: ScratchMemory(chunkSize: Self.byteCount)) }

  /// An encoder that works in `memory`.
  package init(in memory: ScratchMemory) {
    packer = BitPacker(in: memory)
    low = WordBuffer(in: memory)
    high = WordBuffer(in: memory)
  }

  /// A small coding of the leading `positions` bits of `words`; later bits must be zero.
  ///
  /// Where nothing is stored, `packs` is false, and count and checksum alone are filled in.
  /// Cost: a pass each to count, to digest and to look for runs, one or two to pack.
  public mutating func encode(
    _ words: borrowing WordBuffer,
    positions: Int,
    packs: Bool = true
  ) -> EncodedSegment {
    unsafe words.withWords { all in
      let used = unsafe UnsafeBufferPointer(rebasing: all[..<SegmentGrid.words(for: positions)])
      let count = unsafe Int(mk_count(used.baseAddress, used.count))
      let packed =
        unsafe packs
        ? packer.pack(used, count: count, positions: positions)
        : PackedBits(coding: .raw, bytes: [])
      return unsafe EncodedSegment(packed, count: count, of: used, positions: positions)
    }
  }

  /// The same, coded against the segment `reference` of the same place where that is smaller.
  ///
  /// The coding is `predicted` where it is; the reader must then be told the reference. Both bits
  /// alone and against the reference are judged by the entropy of their densities, so that mostly only
  /// one of them is packed.
  public mutating func encode(
    _ words: borrowing WordBuffer,
    positions: Int,
    against reference: borrowing WordBuffer
  ) -> EncodedSegment {
    let estimate = Prediction(of: words, by: reference, positions: positions)
    guard
      estimate.predictedBytes + Self.worthwhile.bytes
        < Self.worthwhile.factor * estimate.aloneBytes
    else { return encode(words, positions: positions) }
    return unsafe words.withWords { all in
      let used = unsafe UnsafeBufferPointer(rebasing: all[..<SegmentGrid.words(for: positions)])
      let predicted = unsafe reference.withWords { unsafe predict(used, by: $0, estimate) }
      let packed = unsafe smaller(of: predicted, orAlone: used, estimate)
      return unsafe EncodedSegment(packed, count: estimate.count, of: used, positions: positions)
    }
  }

  /// Bits that stand together may take less alone than their density says, and less than predicted.
  private mutating func smaller(
    of predicted: PackedBits,
    orAlone words: UnsafeBufferPointer<UInt64>,
    _ estimate: Prediction
  ) -> PackedBits {
    let (count, positions) = (estimate.count, estimate.positions)
    guard unsafe PackingTask(words, count: count, positions: positions).isStructured else {
      return predicted
    }
    let alone = unsafe packer.pack(words, count: count, positions: positions)
    return alone.bytes.count <= predicted.bytes.count ? alone : predicted
  }

  private mutating func predict(
    _ words: UnsafeBufferPointer<UInt64>,
    by reference: UnsafeBufferPointer<UInt64>,
    _ estimate: Prediction
  ) -> PackedBits {
    // The memory of a row stays where it is for as long as the row lives.
    let lowWords = unsafe low.withMutableWords { unsafe $0 }
    let highWords = unsafe high.withMutableWords { unsafe $0 }
    let ones = unsafe mk_split(
      words.baseAddress,
      reference.baseAddress,
      estimate.positions,
      lowWords.baseAddress,
      highWords.baseAddress
    )
    let inBoth = estimate.both
    let first = unsafe stream(lowWords, estimate.count - inBoth, of: estimate.positions - ones)
    let second = unsafe stream(highWords, inBoth, of: ones)
    return PackedBits(coding: .predicted, first, second)
  }

  private mutating func stream(
    _ words: UnsafeMutableBufferPointer<UInt64>,
    _ count: Int,
    of positions: Int
  ) -> PackedBits {
    let used = SegmentGrid.words(for: positions)
    return unsafe packer.pack(
      UnsafeBufferPointer(rebasing: words[..<used]),
      count: count,
      positions: positions
    )
  }
}

extension EncodedSegment {
  fileprivate init(
    _ packed: PackedBits,
    count: Int,
    of words: UnsafeBufferPointer<UInt64>,
    positions: Int
  ) {
    let raw = unsafe SegmentBits.bytes(of: words, positions: positions)
    unsafe self.init(
      coding: packed.coding,
      count: count,
      checksum: SegmentBits.checksum(raw),
      bytes: packed.bytes
    )
  }
}
