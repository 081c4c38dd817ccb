package import ByteFormats
internal import CMaskKernels

/// Unpacks stored segments into words, one task at a time, and proves that they are what was stored.
public struct SegmentDecoder: ~Copyable, Sendable {
  private var unpacker: BitUnpacker
  // mk_merge reads two words more.
  private var low: WordBuffer
  private var high: WordBuffer

  /// The scratch memory of a decoder, of which it touches what it needs.
  package static let byteCount = 5 << 20

  /// A decoder with scratch memory of its own.
  public init() { self.init(in: ScratchMemory(chunkSize: Self.byteCount)) }

  /// A decoder that works in `memory`.
  package init(in memory: ScratchMemory) {
    unpacker = BitUnpacker(in: memory)
    low = WordBuffer(count: SegmentGrid.words + 2, in: memory)
    high = WordBuffer(count: SegmentGrid.words + 2, in: memory)
  }

  /// Fills `words` with a segment of `positions`, zeros after them.
  ///
  /// - Parameters:
  ///   - header: the coding number, count and checksum that are stored beside the bytes.
  ///   - bytes: the packed bits; any bytes are safe.
  ///   - positions: the positions of the segment.
  ///   - words: at least `SegmentGrid.words` long.
  /// - Throws: `SegmentError` where the bits are not those that were stored, or where the coding needs
  ///   a reference.
  public mutating func decode(
    _ header: SegmentHeader,
    bytes: UnsafeRawBufferPointer,
    positions: Int,
    into words: inout WordBuffer
  ) throws(SegmentError) {
    let coding = try header.knownCoding
    guard !coding.needsReference else { throw .needsReference }
    let part = unsafe PackedPart(coding, bytes)
    let isWhole = unsafe words.withMutableWords {
      unsafe unpacker.unpack(part, into: $0, positions: positions)
    }
    guard isWhole else { throw .damaged(coding) }
    words.clear(from: SegmentGrid.words(for: positions) * 64)
    try check(header, positions: positions, words)
  }

  /// The same for a segment of any coding, with the bits of its reference at hand.
  ///
  /// - Parameters:
  ///   - header: as above.
  ///   - bytes: as above.
  ///   - positions: as above.
  ///   - reference: the bits of the segment of the same place that it is coded against.
  ///   - ones: those that are set in `reference`.
  ///   - words: as above.
  /// - Throws: as above.
  public mutating func decode(
    _ header: SegmentHeader,
    bytes: UnsafeRawBufferPointer,
    positions: Int,
    against reference: borrowing WordBuffer,
    ones: Int,
    into words: inout WordBuffer
  ) throws(SegmentError) {
    let coding = try header.knownCoding
    guard coding.needsReference else {
      return try unsafe decode(header, bytes: bytes, positions: positions, into: &words)
    }
    guard unsafe merge(bytes, positions: positions, by: reference, ones: ones, into: &words) else {
      throw .damaged(coding)
    }
    words.clear(from: SegmentGrid.words(for: positions) * 64)
    try check(header, positions: positions, words)
  }

  private mutating func merge(
    _ bytes: UnsafeRawBufferPointer,
    positions: Int,
    by reference: borrowing WordBuffer,
    ones: Int,
    into words: inout WordBuffer
  ) -> Bool {
    var parts = unsafe PackedParts(bytes)
    guard let first = unsafe parts.next(), let second = unsafe parts.last() else { return false }
    let lowWords = unsafe low.withMutableWords { unsafe $0 }
    let highWords = unsafe high.withMutableWords { unsafe $0 }
    return unsafe reference.withWords { reference in
      guard (0...positions).contains(ones),
        unsafe unpacker.unpack(first, into: lowWords, positions: positions - ones),
        unsafe unpacker.unpack(second, into: highWords, positions: ones)
      else { return false }
      unsafe words.withMutableWords {
        unsafe mk_merge(
          lowWords.baseAddress,
          highWords.baseAddress,
          reference.baseAddress,
          positions,
          $0.baseAddress
        )
      }
      return true
    }
  }

  private func check(
    _ header: SegmentHeader,
    positions: Int,
    _ words: borrowing WordBuffer
  ) throws(SegmentError) {
    let (count, checksum) = unsafe words.withWords { all in
      let used = unsafe UnsafeBufferPointer(rebasing: all[..<SegmentGrid.words(for: positions)])
      let bytes = unsafe SegmentBits.bytes(of: used, positions: positions)
      return unsafe (Int(mk_count(used.baseAddress, used.count)), SegmentBits.checksum(bytes))
    }
    guard count == header.count else {
      throw .wrongCount(expected: header.count, found: count)
    }
    guard checksum == header.checksum else { throw .wrongChecksum }
  }
}

/// What is stored beside the bytes of a segment.
public struct SegmentHeader: Sendable, Hashable {
  /// The raw value of a `SegmentCoding`; any number may be found in a file.
  public let coding: Int
  /// The set bits.
  public let count: Int
  /// The checksum of the raw bytes.
  public let checksum: UInt64

  /// A header as found.
  public init(coding: Int, count: Int, checksum: UInt64) {
    self.coding = coding
    self.count = count
    self.checksum = checksum
  }

  fileprivate var knownCoding: SegmentCoding {
    get throws(SegmentError) {
      guard let known = SegmentCoding(rawValue: coding) else { throw .unknownCoding(coding) }
      return known
    }
  }
}
