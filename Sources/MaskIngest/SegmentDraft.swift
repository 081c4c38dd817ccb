internal import ByteFormats
internal import Checkpoints
internal import MaskModel

/// The bits of a segment under way, with the exponents of the base where they are set.
final class SegmentDraft {
  var words: WordBuffer
  private var exponentCounts = WordBuffer(count: 256)
  private var totalCounts = WordBuffer(count: 256)
  /// The exponents of the last block alone, which the drafts of like definitions begin with.
  private var blockExponents = WordBuffer(count: 256)
  /// What `totals` are of; nil where another draft counts them, or they are known.
  private(set) var totalsKey: TensorProgress.TotalsKey?

  init(in memory: ScratchMemory) { words = WordBuffer(in: memory) }

  /// Whether the bits take so many bytes alone that a reference may save some.
  func isWorthReference(positions: Int) -> Bool {
    words.aloneBytes(of: positions) > 64
  }

  /// The set positions by exponent field of the base.
  var exponents: [UInt64] { exponentCounts.array }

  /// All positions by exponent field of the base, where this draft is to count them.
  var totals: [UInt64] { totalCounts.array }

  /// Forgets the last segment, for one of `positions`, the leading `compared` of which will be decided.
  func start(positions: Int, compared: Int, counting key: TensorProgress.TotalsKey?) {
    words.clear(SegmentGrid.words(for: compared)..<SegmentGrid.words(for: positions))
    totalsKey = key
    exponentCounts.clear(words: 256)
    totalCounts.clear(words: 256)
  }

  /// Decides `count` positions from block `block` of the segment on.
  ///
  /// `others` are the drafts of the run's first definition and of the one before this, with the same
  /// block decided in the same dtype; nil where this is the first, or they are of another dtype.
  func compare(
    _ definition: MaskDefinition,
    _ base: BlockValues,
    _ tuned: BlockValues,
    block: Int,
    count: Int,
    after others: (first: SegmentDraft, last: SegmentDraft)?
  ) {
    blockExponents.clear(words: 256)
    if let others, totalsKey == nil {
      words.decide(definition, base, tuned, block: block, count: count)
      if hasBlock(block, of: others.last) {
        blockExponents.addWords(of: others.last.blockExponents)
      } else {
        let type = definition.compareType
        countExponents(of: base, as: type, block: block, count: count, after: others.first)
      }
    } else {
      decideAndCount(definition, base, tuned, block: block, count: count)
    }
    exponentCounts.addWords(of: blockExponents)
  }
}

extension SegmentDraft {
  /// Where the bits of block `block` begin.
  private static func start(ofBlock block: Int) -> Int { block * (Block.length / 64) }

  /// Whether the bits of block `block` are those that `other` has.
  private func hasBlock(_ block: Int, of other: SegmentDraft) -> Bool {
    let offset = Self.start(ofBlock: block)
    return words.equals(other.words, in: offset..<min(offset + Block.length / 64, words.count))
  }

  private func decideAndCount(
    _ definition: MaskDefinition,
    _ base: BlockValues,
    _ tuned: BlockValues,
    block: Int,
    count: Int
  ) {
    let type = definition.compareType
    let own = unsafe blockExponents.start
    let all = unsafe totalsKey == nil ? nil : totalCounts.start
    unsafe Kernels.changed(
      definition,
      base: base.values(as: type),
      tuned: tuned.values(as: type),
      count: count,
      into: words.start + Self.start(ofBlock: block),
      exponents: own,
      all: all
    )
  }

  private func countExponents(
    of base: BlockValues,
    as type: FloatType,
    block: Int,
    count: Int,
    after first: SegmentDraft
  ) {
    let offset = Self.start(ofBlock: block)
    unsafe Kernels.addExponents(
      of: base.values(as: type),
      as: type,
      where: words.start + offset,
      after: first.words.start + offset,
      known: first.blockExponents.start,
      count: count,
      to: blockExponents.start
    )
  }
}

extension WordBuffer {
  /// The first word; the memory stays where it is for as long as the row lives.
  fileprivate var start: UnsafeMutablePointer<UInt64> {
    mutating get {
      unsafe withMutableWords { words in
        guard let start = words.baseAddress else { preconditionFailure("a row without words") }
        return unsafe start
      }
    }
  }

  fileprivate var array: [UInt64] { unsafe withWords { unsafe Array($0) } }

  /// Adds the words of `other` to those of this row.
  fileprivate mutating func addWords(of other: borrowing WordBuffer) {
    unsafe other.withWords { other in
      unsafe withMutableWords { words in
        for index in words.indices { unsafe words[index] &+= other[index] }
      }
    }
  }

  /// Sets the words in `range` to zero.
  fileprivate mutating func clear(_ range: Range<Int>) {
    unsafe withMutableWords { words in
      for index in range { unsafe words[index] = 0 }
    }
  }

  /// The bytes that the leading `positions` bits take alone, if they were independent.
  ///
  /// What stands after them may be left from a longer segment.
  func aloneBytes(of positions: Int) -> Double {
    let count = unsafe withWords { words in
      let used = unsafe words[..<SegmentGrid.words(for: positions)]
      return unsafe Kernels.count(UnsafeBufferPointer(rebasing: used).span)
    }
    return Prediction.bytes(count, of: positions)
  }

  /// Sets the bits of `count` positions from block `block` of a segment on to those that changed.
  mutating func decide(
    _ definition: MaskDefinition,
    _ base: BlockValues,
    _ tuned: BlockValues,
    block: Int,
    count: Int
  ) {
    unsafe withMutableWords { words in
      guard let start = words.baseAddress else { return }
      unsafe Kernels.changed(
        definition,
        base: base.values(as: definition.compareType),
        tuned: tuned.values(as: definition.compareType),
        count: count,
        into: start + block * (Block.length / 64)
      )
    }
  }
}
