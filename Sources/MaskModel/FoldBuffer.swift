internal import ByteFormats

/// Room for words that are folded in pairs, and for the streams of the fold under way.
struct FoldBuffer: ~Copyable {
  /// The folds there may be one inside of another.
  static let deepest = 3

  // A fold of n words has half as many, each one inside of it again: n and a few more in all.
  private var joined: WordBuffer
  // mk_unfold reads two words more.
  private var bothWords: WordBuffer
  private var firstWords: WordBuffer

  init(in memory: ScratchMemory) {
    joined = WordBuffer(count: SegmentGrid.words + Self.deepest, in: memory)
    bothWords = WordBuffer(count: SegmentGrid.words / 2 + 2, in: memory)
    firstWords = WordBuffer(count: SegmentGrid.words / 2 + 2, in: memory)
  }

  /// Half as many words as `words`, rounded up: room for what fold number `depth` of so many makes, 0
  /// being the outermost.
  mutating func any(depth: Int, words: Int) -> UnsafeMutableBufferPointer<UInt64> {
    let all = unsafe joined.withMutableWords { unsafe $0 }
    let start = (0..<depth).reduce(0) { start, level in
      start + (SegmentGrid.words >> (level + 1)) + 1
    }
    return unsafe UnsafeMutableBufferPointer(rebasing: all[start..<start + (words + 1) / 2])
  }

  /// Whether bits are set in both words of a pair.
  var both: UnsafeMutableBufferPointer<UInt64> {
    mutating get { unsafe bothWords.withMutableWords { unsafe $0 } }
  }

  /// Whether the others are set in the first.
  var first: UnsafeMutableBufferPointer<UInt64> {
    mutating get { unsafe firstWords.withMutableWords { unsafe $0 } }
  }
}
