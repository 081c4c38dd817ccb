internal import ByteFormats
internal import CMaskKernels

/// Unpacks what `BitPacker` packs; any bytes are safe.
struct BitUnpacker: ~Copyable, Sendable {
  private var decompressor = ZstdDecompressor()
  private var gaps: WordBuffer
  private var map: WordBuffer
  private var bytes: WordBuffer
  private var folds: FoldBuffer

  init(in memory: ScratchMemory) {
    folds = FoldBuffer(in: memory)
    map = WordBuffer(count: SegmentGrid.words / 8, in: memory)
    bytes = WordBuffer(in: memory)
    gaps = WordBuffer(count: SegmentGrid.words * 2, in: memory)
  }

  /// Writes `positions` bits into the words that they take, with zeros after them.
  ///
  /// - Returns: false where the bytes are damaged, or have a bit set past the last position.
  mutating func unpack(
    _ part: PackedPart,
    into words: UnsafeMutableBufferPointer<UInt64>,
    positions: Int,
    isPart: Bool = false
  ) -> Bool {
    let words = unsafe UnsafeMutableBufferPointer(
      rebasing: words[..<SegmentGrid.words(for: positions)]
    )
    guard unsafe fill(words, from: part, positions: positions, isPart: isPart) else { return false }
    return unsafe positions % 64 == 0 || (words.last ?? 0) >> UInt64(positions % 64) == 0
  }

  private mutating func fill(
    _ words: UnsafeMutableBufferPointer<UInt64>,
    from part: PackedPart,
    positions: Int,
    isPart: Bool
  ) -> Bool {
    switch unsafe part.coding {
    case .empty, .full:
      unsafe words.update(repeating: 0)
      let isRight = unsafe part.coding == .empty || turnOver(words, positions)
      return unsafe isRight && part.bytes.isEmpty
    case .raw, .packed: return unsafe unpackWords(part, words, positions)
    case .gaps, .complementGaps: return unsafe unpackGaps(part, words, positions)
    case .runs: return unsafe unpackRuns(part, words, positions)
    case .sparse, .complementSparse:
      return unsafe !isPart && unpackSparse(part, words, positions)
    case .folded, .complementFolded:
      guard !isPart, unsafe unpackFolded(part, words) else { return false }
      return unsafe part.coding != .complementFolded || turnOver(words, positions)
    case .golomb, .complementGolomb:
      unsafe words.update(repeating: 0)
      guard unsafe GolombBits.fill(words, positions: positions, from: part.bytes) else {
        return false
      }
      return unsafe part.coding != .complementGolomb || turnOver(words, positions)
    case .predicted: return false
    }
  }

  /// The words themselves, as they are or as one frame.
  private mutating func unpackWords(
    _ part: PackedPart,
    _ words: UnsafeMutableBufferPointer<UInt64>,
    _ positions: Int
  ) -> Bool {
    let size = (positions + 7) / 8
    let all = UnsafeMutableRawBufferPointer(words)
    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: all[..<size])
    if let last = words.indices.last { unsafe words[last] = 0 }
    if unsafe part.coding == .packed {
      return unsafe decompressor.decompress(part.bytes, into: target) == size
    }
    guard unsafe part.bytes.count == size else { return false }
    unsafe target.copyMemory(from: part.bytes)
    return true
  }

  private mutating func unpackGaps(
    _ part: PackedPart,
    _ words: UnsafeMutableBufferPointer<UInt64>,
    _ positions: Int
  ) -> Bool {
    let scratch = unsafe gaps.memory
    guard let size = unsafe decompressor.decompress(part.bytes, into: scratch) else { return false }
    unsafe words.update(repeating: 0)
    let set = unsafe mk_gaps_decode(
      scratch.bindMemory(to: UInt8.self).baseAddress,
      size,
      words.baseAddress,
      words.count
    )
    guard set >= 0, set <= positions else { return false }
    return unsafe part.coding != .complementGaps || turnOver(words, positions)
  }

  private mutating func unpackRuns(
    _ part: PackedPart,
    _ words: UnsafeMutableBufferPointer<UInt64>,
    _ positions: Int
  ) -> Bool {
    let scratch = unsafe gaps.memory
    guard let size = unsafe decompressor.decompress(part.bytes, into: scratch) else { return false }
    unsafe words.update(repeating: 0)
    let lengths = unsafe UnsafeRawBufferPointer(rebasing: scratch[..<size])
    return unsafe RunLengths.fill(words, positions: positions, from: lengths)
  }

  private mutating func unpackSparse(
    _ part: PackedPart,
    _ words: UnsafeMutableBufferPointer<UInt64>,
    _ positions: Int
  ) -> Bool {
    var parts = unsafe PackedParts(part.bytes)
    guard let first = unsafe parts.next(), let second = unsafe parts.last() else { return false }
    let mapWords = unsafe map.withMutableWords { unsafe $0 }
    let size = (positions + 7) / 8
    guard unsafe unpack(first, into: mapWords, positions: size, isPart: true),
      let found = unsafe unpackBytes(second)
    else { return false }
    let put = unsafe mk_bytes_merge(
      mapWords.baseAddress,
      found.bindMemory(to: UInt8.self).baseAddress,
      found.count,
      words.baseAddress,
      words.count
    )
    guard put == found.count else { return false }
    return unsafe part.coding != .complementSparse || turnOver(words, positions)
  }

  private mutating func unpackFolded(
    _ part: PackedPart,
    _ words: UnsafeMutableBufferPointer<UInt64>,
    depth: Int = 0
  ) -> Bool {
    var parts = unsafe PackedParts(part.bytes)
    guard depth < FoldBuffer.deepest, let joined = unsafe parts.next(),
      let second = unsafe parts.next(), let third = unsafe parts.last()
    else { return false }
    let any = unsafe folds.any(depth: depth, words: words.count)
    let isJoined =
      unsafe joined.coding == .folded
      ? unsafe unpackFolded(joined, any, depth: depth + 1)
      : unsafe unpack(joined, into: any, positions: any.count * 64, isPart: true)
    let (both, first) = unsafe (folds.both, folds.first)
    let ones = unsafe Int(mk_count(any.baseAddress, any.count))
    guard isJoined, unsafe unpack(second, into: both, positions: ones, isPart: true) else {
      return false
    }
    let twos = unsafe Int(mk_count(both.baseAddress, SegmentGrid.words(for: ones)))
    guard twos <= ones, unsafe unpack(third, into: first, positions: ones - twos, isPart: true)
    else { return false }
    unsafe mk_unfold(
      any.baseAddress,
      both.baseAddress,
      first.baseAddress,
      words.count,
      words.baseAddress
    )
    return true
  }

  /// The bytes of a part that is raw or one frame, where they are.
  private mutating func unpackBytes(_ part: PackedPart) -> UnsafeRawBufferPointer? {
    switch unsafe part.coding {
    case .raw: return unsafe part.bytes
    case .packed:
      let scratch = unsafe bytes.memory
      let size = unsafe decompressor.decompress(part.bytes, into: scratch)
      return unsafe size.map { unsafe UnsafeRawBufferPointer(rebasing: scratch[..<$0]) }
    default: return nil
    }
  }

  /// Turns the bits over; false where one is set past the last position, which would then be lost.
  private func turnOver(
    _ words: UnsafeMutableBufferPointer<UInt64>,
    _ positions: Int
  ) -> Bool {
    let rest = UInt64(positions % 64)
    let isInside = unsafe rest == 0 || (words.last ?? 0) >> rest == 0
    unsafe SegmentBits.complement(UnsafeBufferPointer(words), into: words, positions: positions)
    return isInside
  }
}
