internal import Checkpoints
internal import MaskCatalog
internal import MaskModel

/// The memory of one worker: a block of each side, and the bits of one segment for every mask.
final class ComparisonScratch {
  let base = BlockValues()
  let tuned = BlockValues()
  var encoder = SegmentEncoder()
  /// The bits of a reference.
  var reference = WordBuffer()
  /// What reads references from the catalog; nil where there are none in it.
  let references: ReferenceReader?
  /// The segments under way, by subject and choice.
  let drafts: [[SegmentDraft]]

  init(_ plan: ComparisonPlan) {
    references = plan.catalog.map { ReferenceReader(of: $0) }
    drafts = plan.subjects.map { $0.choices.map { _ in SegmentDraft() } }
  }

  /// Forgets the last segment, for one of `positions` of `tensor`.
  func start(_ tensor: TensorProgress, positions: Int) {
    for (drafts, keys) in zip(drafts, tensor.keysToCount) {
      for (draft, key) in zip(drafts, keys) { draft.start(positions: positions, counting: key) }
    }
  }
}
