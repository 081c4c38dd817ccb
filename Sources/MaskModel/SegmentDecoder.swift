internal import CMaskKernels

/// Unpacks stored segments into words, one task at a time, and proves that they are what was stored.
public struct SegmentDecoder: ~Copyable, Sendable {
  private var decompressor = ZstdDecompressor()
  private var gaps = [UInt8](repeating: 0, count: SegmentGrid.length / 4)

  /// A decoder with its scratch memory, 1 MiB.
  public init() {}

  /// Fills `words` with a segment of `positions`, zeros after them.
  ///
  /// - Parameters:
  ///   - header: the coding number, count and checksum that are stored beside the bytes.
  ///   - bytes: the packed bits; any bytes are safe.
  ///   - positions: the positions of the segment.
  ///   - words: at least `SegmentGrid.words` long.
  /// - Throws: `SegmentError` where the bits are not those that were stored.
  public mutating func decode(
    _ header: SegmentHeader,
    bytes: UnsafeRawBufferPointer,
    positions: Int,
    into words: inout WordBuffer
  ) throws(SegmentError) {
    guard let coding = SegmentCoding(rawValue: header.coding) else {
      throw .unknownCoding(header.coding)
    }
    words.clear(words: words.count)
    try unsafe unpack(coding, bytes, positions: positions, into: &words)
    try check(header, positions: positions, words)
  }

  private mutating func unpack(
    _ coding: SegmentCoding,
    _ bytes: UnsafeRawBufferPointer,
    positions: Int,
    into words: inout WordBuffer
  ) throws(SegmentError) {
    let size = (positions + 7) / 8
    switch coding {
    case .empty: break
    case .full: words.complement(positions: positions)
    case .raw:
      guard bytes.count == size else { throw .damaged(coding) }
      unsafe words.withMutableWords {
        unsafe UnsafeMutableRawBufferPointer($0).copyMemory(from: bytes)
      }
    case .packed:
      let found = unsafe words.withMutableWords {
        let raw = UnsafeMutableRawBufferPointer($0)
        return unsafe decompressor.decompress(
          bytes,
          into: UnsafeMutableRawBufferPointer(rebasing: raw[..<size])
        )
      }
      guard found == size else { throw .damaged(coding) }
    case .gaps, .complementGaps:
      try unsafe unpackGaps(coding, bytes, positions: positions, into: &words)
      if coding == .complementGaps { words.complement(positions: positions) }
    }
  }

  private mutating func unpackGaps(
    _ coding: SegmentCoding,
    _ bytes: UnsafeRawBufferPointer,
    positions: Int,
    into words: inout WordBuffer
  ) throws(SegmentError) {
    let size = unsafe gaps.withUnsafeMutableBytes {
      unsafe decompressor.decompress(bytes, into: $0)
    }
    guard let size else { throw .damaged(coding) }
    let set = unsafe gaps.withUnsafeBufferPointer { gaps in
      unsafe words.withMutableWords {
        unsafe mk_gaps_decode(
          gaps.baseAddress,
          size,
          $0.baseAddress,
          SegmentGrid.words(for: positions)
        )
      }
    }
    guard set <= positions else { throw .damaged(coding) }
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
}

extension WordBuffer {
  /// Turns over the first `positions` bits.
  mutating func complement(positions: Int) {
    unsafe withMutableWords {
      unsafe SegmentBits.complement(UnsafeBufferPointer($0), into: $0, positions: positions)
    }
  }
}
