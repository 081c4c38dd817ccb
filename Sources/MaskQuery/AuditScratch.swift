internal import Checkpoints
internal import MaskModel

/// What one worker of an audit holds: a block of each side, and bits of one segment.
final class AuditScratch {
  /// What every worker reads.
  struct Checkpoints: Sendable {
    let mask: any MaskReader
    let base: Checkpoint
    let trained: Checkpoint
    let reference: Checkpoint?
  }

  private let sources: Checkpoints
  private let base = BlockValues()
  private let trained = BlockValues()
  private let reference = BlockValues()
  private let context = ReadContext()
  private var mask = WordBuffer()
  private var changed = WordBuffer()

  init(_ sources: Checkpoints) { self.sources = sources }

  /// Compares one segment of `tensor`.
  func compare(_ tensor: AuditedTensor, segment: Int) throws -> Audit.Tensor {
    let positions = tensor.base.shape.count
    let range = SegmentGrid.range(segment, positions: positions)
    var counts = Audit.Tensor(layout: tensor.layout)
    if let ordinal = tensor.ordinal {
      counts.inside = try sources.mask.read(
        tensor: ordinal,
        segment: segment,
        into: &mask,
        using: context
      )
    } else {
      mask.clear(words: SegmentGrid.words(for: range.count))
    }
    if tensor.reference != nil { counts.agreement = Audit.Agreement() }
    changed.clear(words: SegmentGrid.words(for: range.count))
    for block in Block.indices(ofSegment: segment, positions: positions) {
      let part = Block.range(block, positions: positions)
      try base.load(tensor.base, part, of: sources.base)
      try trained.load(tensor.trained, part, of: sources.trained)
      compare(base, .bitwise, tensor.type, block: block, count: part.count)
      tally(block: block, count: part.count, from: part.lowerBound, &counts)
      try compareWithReference(tensor, part, block: block, &counts)
    }
    return counts
  }

  private func compareWithReference(
    _ tensor: AuditedTensor,
    _ part: Range<Int>,
    block: Int,
    _ counts: inout Audit.Tensor
  ) throws {
    guard let stored = tensor.reference, let checkpoint = sources.reference else { return }
    try reference.load(stored, part, of: checkpoint)
    compare(reference, .bitwise, tensor.type, block: block, count: part.count)
    let exact = unlike(block: block, count: part.count)
    counts.agreement?.identical += part.count - exact.all
    counts.agreement?.identicalInside += exact.masked - exact.inside
    let rule = ChangeRule.paper(tolerance: ChangeRule.paperTolerance)
    compare(reference, rule, .bf16, block: block, count: part.count)
    let near = unlike(block: block, count: part.count)
    counts.agreement?.close += part.count - near.all
    counts.agreement?.closeInside += near.masked - near.inside
  }

  /// Marks in the words of `block` where the trained values differ from `other`.
  private func compare(
    _ other: BlockValues,
    _ rule: ChangeRule,
    _ type: FloatType,
    block: Int,
    count: Int
  ) {
    let first = block % Block.perSegment * (Block.length / 64)
    let a = unsafe other.values(as: type)
    let b = unsafe trained.values(as: type)
    let definition = MaskDefinition(rule: rule, compareType: type)
    unsafe changed.withMutableWords { words in
      guard let start = words.baseAddress else { return }
      unsafe Kernels.changed(definition, base: a, tuned: b, count: count, into: start + first)
    }
  }

  private func unlike(block: Int, count: Int) -> Differences {
    Differences(changed, mask, in: Self.words(of: block, count))
  }

  private func tally(block: Int, count: Int, from start: Int, _ counts: inout Audit.Tensor) {
    let words = Self.words(of: block, count)
    let found = Differences(changed, mask, in: words)
    counts.changedInside += found.inside
    counts.changedOutside += found.all - found.inside
    guard found.all > found.inside, counts.firstOutside.count < Audit.shownPositions else { return }
    let room = Audit.shownPositions - counts.firstOutside.count
    let places = Differences.outside(changed, mask, in: words, atMost: room)
    counts.firstOutside += places.map { start + $0 }
  }

  /// The words of the positions of `block`.
  private static func words(of block: Int, _ count: Int) -> Range<Int> {
    let first = block % Block.perSegment * (Block.length / 64)
    return first..<first + SegmentGrid.words(for: count)
  }
}

/// How many positions of a stretch differ.
private struct Differences {
  /// All of them.
  var all = 0
  /// Those inside the mask.
  var inside = 0
  /// The positions of the mask.
  var masked = 0

  init(_ changed: borrowing WordBuffer, _ mask: borrowing WordBuffer, in words: Range<Int>) {
    let changed = changed.span
    let mask = mask.span
    for index in words {
      all += changed[index].nonzeroBitCount
      inside += (changed[index] & mask[index]).nonzeroBitCount
      masked += mask[index].nonzeroBitCount
    }
  }

  /// The first differing positions outside of the mask, counted from the first of `words`.
  static func outside(
    _ changed: borrowing WordBuffer,
    _ mask: borrowing WordBuffer,
    in words: Range<Int>,
    atMost limit: Int
  ) -> [Int] {
    let changed = changed.span
    let mask = mask.span
    var places: [Int] = []
    for index in words {
      var outside = changed[index] & ~mask[index]
      while outside != 0, places.count < limit {
        places.append((index - words.lowerBound) * 64 + outside.trailingZeroBitCount)
        outside &= outside - 1
      }
    }
    return places
  }
}
