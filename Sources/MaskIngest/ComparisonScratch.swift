internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import MaskModel

/// The memory of one worker: a block of each side, and the bits of one segment for every mask.
final class ComparisonScratch {
  let base: BlockValues
  let tuned: BlockValues
  var encoder: SegmentEncoder
  /// The bits of a reference.
  var reference: WordBuffer
  /// What reads references from the catalog; nil where there are none in it.
  let references: ReferenceReader?
  /// The segments under way, by subject and choice.
  let drafts: [[SegmentDraft]]
  /// The digests of the segment's blocks of the base, and of each subject.
  var baseDigests: [ContentDigest] = []
  var tunedDigests: [[ContentDigest]]

  init(_ plan: ComparisonPlan) {
    let rows = plan.subjects.reduce(5) { $0 + $1.choices.count }  // five for what is not a draft
    let memory = ScratchMemory(chunkSize: SegmentEncoder.byteCount + rows * SegmentGrid.words * 8)
    base = BlockValues(in: memory)
    tuned = BlockValues(in: memory)
    reference = WordBuffer(in: memory)
    encoder = SegmentEncoder(in: memory)
    references = plan.catalog.map { ReferenceReader(of: $0) }
    drafts = plan.subjects.map { $0.choices.map { _ in SegmentDraft(in: memory) } }
    tunedDigests = plan.subjects.map { _ in [] }
  }

  /// Forgets the last segment, for one of `positions` of `tensor`, so many of which will be compared
  /// for each subject.
  func start(_ tensor: TensorProgress, positions: Int, compared: [Int]) {
    baseDigests.removeAll(keepingCapacity: true)
    for index in tunedDigests.indices { tunedDigests[index].removeAll(keepingCapacity: true) }
    for (subject, keys) in tensor.keysToCount.enumerated() {
      for (draft, key) in zip(drafts[subject], keys) {
        draft.start(positions: positions, compared: compared[subject], counting: key)
      }
    }
  }
}
