internal import Checkpoints
internal import MaskModel

/// The memory of one worker: a block of each side, and the bits of one segment for every mask.
final class ComparisonScratch {
  let base = BlockValues()
  let tuned = BlockValues()
  var encoder = SegmentEncoder()
  /// The segments under way, by subject and choice.
  let drafts: [[SegmentDraft]]
  /// Exponent totals of the segment under way.
  var totals: [TensorProgress.TotalsKey: [UInt64]] = [:]

  init(_ plan: ComparisonPlan) {
    drafts = plan.subjects.map { $0.choices.map { _ in SegmentDraft() } }
  }

  /// Forgets the last segment, for one of `positions`.
  func clear(positions: Int) {
    totals = [:]
    for drafts in drafts { for draft in drafts { draft.clear(positions: positions) } }
  }
}

/// The bits of a segment under way, with the exponents of the base where they are set.
final class SegmentDraft {
  var words = WordBuffer()
  var exponents = [UInt64](repeating: 0, count: 256)

  func clear(positions: Int) {
    words.clear(words: SegmentGrid.words(for: positions))
    for field in exponents.indices { exponents[field] = 0 }
  }

  /// Decides `count` positions from block `block` of the segment on.
  func compare(
    _ definition: MaskDefinition,
    _ base: BlockValues,
    _ tuned: BlockValues,
    block: Int,
    count: Int
  ) {
    let type = definition.compareType
    let a = unsafe base.values(as: type)
    let b = unsafe tuned.values(as: type)
    unsafe words.withMutableWords { words in
      guard let first = words.baseAddress else { return }
      let bits = unsafe first + block * (Block.length / 64)
      unsafe Kernels.changed(definition, base: a, tuned: b, count: count, into: bits)
      unsafe Kernels.addExponents(of: a, as: type, where: bits, count: count, to: &exponents)
    }
  }
}
