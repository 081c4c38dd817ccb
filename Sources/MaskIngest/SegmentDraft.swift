internal import Checkpoints
internal import MaskModel

/// The bits of a segment under way, with the exponents of the base where they are set.
final class SegmentDraft {
  var words = WordBuffer()
  /// The set positions by exponent field of the base.
  private(set) var exponents = [UInt64](repeating: 0, count: 256)
  /// All positions by exponent field of the base, where this draft is to count them.
  private(set) var totals = [UInt64](repeating: 0, count: 256)
  /// What `totals` are of; nil where another draft counts them, or they are known.
  private(set) var totalsKey: TensorProgress.TotalsKey?
  /// The exponents of the last block alone, which the drafts of like definitions begin with.
  private var blockExponents = [UInt64](repeating: 0, count: 256)

  /// Whether the bits take so many bytes alone that a reference may save some.
  func isWorthReference(positions: Int) -> Bool {
    words.aloneBytes(of: positions) > 64
  }

  func start(positions: Int, counting key: TensorProgress.TotalsKey?) {
    words.clear(words: SegmentGrid.words(for: positions))
    totalsKey = key
    for field in 0..<256 {
      exponents[field] = 0
      totals[field] = 0
    }
  }

  /// Decides `count` positions from block `block` of the segment on.
  ///
  /// `first` is the draft of the run's first definition, with the same block decided in the same
  /// dtype; nil where this is it, or there is none such.
  func compare(
    _ definition: MaskDefinition,
    _ base: BlockValues,
    _ tuned: BlockValues,
    block: Int,
    count: Int,
    after first: SegmentDraft?
  ) {
    words.decide(definition, base, tuned, block: block, count: count)
    countExponents(of: base, as: definition.compareType, block: block, count: count, after: first)
  }
}

extension SegmentDraft {
  private func countExponents(
    of base: BlockValues,
    as type: FloatType,
    block: Int,
    count: Int,
    after first: SegmentDraft?
  ) {
    let values = unsafe base.values(as: type)
    let offset = block * (Block.length / 64)
    for field in 0..<256 { blockExponents[field] = 0 }
    unsafe words.withWords { words in
      guard let start = words.baseAddress else { return }
      let bits = unsafe start + offset
      if let first, totalsKey == nil {
        unsafe first.words.withWords { other in
          guard let other = other.baseAddress else { return }
          let pair = unsafe BlockPair(bits, other + offset, values, type, count)
          unsafe pair.addExponents(to: &blockExponents, from: first.blockExponents)
        }
      } else {
        unsafe totals.withUnsafeMutableBufferPointer {
          unsafe Kernels.addExponents(
            of: values,
            as: type,
            where: bits,
            count: count,
            to: &blockExponents,
            all: totalsKey == nil ? nil : $0.baseAddress
          )
        }
      }
    }
    for field in 0..<256 { exponents[field] += blockExponents[field] }
  }
}

extension WordBuffer {
  /// The bytes that the bits take alone, if they were independent; what a longer segment has left
  /// behind them is not counted.
  func aloneBytes(of positions: Int) -> Double {
    let used = SegmentGrid.words(for: positions)
    let count = unsafe withWords { unsafe Kernels.count($0.span.extracting(..<used)) }
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

/// A block under two definitions, which mostly agree.
@unsafe
private struct BlockPair {
  let bits: UnsafePointer<UInt64>
  let other: UnsafePointer<UInt64>
  let values: UnsafeRawPointer
  let type: FloatType
  let count: Int

  init(
    _ bits: UnsafePointer<UInt64>,
    _ other: UnsafePointer<UInt64>,
    _ values: UnsafeRawPointer,
    _ type: FloatType,
    _ count: Int
  ) {
    unsafe self.bits = bits
    unsafe self.other = other
    unsafe self.values = values
    unsafe self.type = type
    unsafe self.count = count
  }

  /// Adds the exponents of `bits` to `counts`, which are zero; those of the other are `known`.
  func addExponents(to counts: inout [UInt64], from known: [UInt64]) {
    let words = unsafe SegmentGrid.words(for: count)
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words) { rest in
      guard let start = rest.baseAddress else { return }
      let (own, differing) = unsafe fill(rest) { $0 ^ $1 }
      if differing > own / 2 {
        unsafe add(bits, to: &counts)
        return
      }
      if differing > 0 {
        _ = unsafe fill(rest) { $1 & ~$0 }
        unsafe add(UnsafePointer(start), to: &counts)
        for field in 0..<256 { counts[field] = known[field] - counts[field] }
        _ = unsafe fill(rest) { $0 & ~$1 }
        unsafe add(UnsafePointer(start), to: &counts)
      } else {
        counts = known
      }
    }
  }

  private func add(_ positions: UnsafePointer<UInt64>, to counts: inout [UInt64]) {
    unsafe Kernels.addExponents(of: values, as: type, where: positions, count: count, to: &counts)
  }

  /// Fills `rest` word by word; returns how many positions the bits have, and how many it has.
  private func fill(
    _ rest: UnsafeMutableBufferPointer<UInt64>,
    _ combine: (UInt64, UInt64) -> UInt64
  ) -> (own: Int, rest: Int) {
    for word in rest.indices { unsafe rest[word] = combine(bits[word], other[word]) }
    let own = unsafe UnsafeBufferPointer(start: bits, count: rest.count)
    return unsafe (
      Kernels.count(own.span), Kernels.count(UnsafeBufferPointer(rest).span)
    )
  }
}
