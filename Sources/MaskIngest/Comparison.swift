internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import MaskModel
internal import Synchronization

/// Compares a base with its subjects, segment by segment on several threads.
///
/// Each block of the base is read once whatever the number of subjects and definitions. Memory is
/// bounded by threads x masks x 512 KiB, the counters of the tensors under way, 16 bytes for every
/// 65,536 values, and some 2 KB for every tensor of every checkpoint.
final class Comparison: Sendable {
  let plan: ComparisonPlan
  let sink: any ComparisonSink
  let baseContent: ContentTally
  let contents: [ContentTally]
  let results: Mutex<[[MaskResult]]>
  /// The base's exponent totals that were counted.
  let totals = Mutex<[ExponentTotals]>([])
  private let tensors: TensorsUnderWay
  private let jobs: [ComparisonJob]
  /// Told the bytes read since the last call.
  let progress: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - plan: what to compare.
  ///   - sink: where segments and tensors go.
  ///   - progress: told the bytes read since the last call.
  init(
    _ plan: ComparisonPlan,
    into sink: any ComparisonSink,
    progress: @escaping @Sendable (Int) -> Void
  ) {
    self.plan = plan
    self.sink = sink
    self.progress = progress
    baseContent = ContentTally(plan.base)
    contents = plan.subjects.map { ContentTally($0.checkpoint) }
    jobs = ComparisonJob.all(of: plan)
    tensors = TensorsUnderWay(plan)
    let count = plan.tensorCount
    results = Mutex(
      plan.subjects.map { subject in
        subject.choices.map { _ in
          MaskResult(
            counts: Array(repeating: 0, count: count),
            digest: MaskDigest(tensors: count)
          )
        }
      }
    )
  }

  /// Compares everything on `threads` threads.
  ///
  /// - Throws: what a checkpoint or the sink throws first.
  func run(threads: Int) throws {
    for ordinal in 0..<plan.tensorCount where plan.segments(ofTensor: ordinal) == 0 {
      try finish(TensorProgress(ordinal, in: plan))
    }
    try Workers.run(threads, jobs: jobs.count) { _, next in
      let scratch = ComparisonScratch(plan)
      while let index = next() { try run(jobs[index], scratch) }
    }
  }

  private func run(_ job: ComparisonJob, _ scratch: ComparisonScratch) throws {
    switch job {
    case .digest(let owner, let tensor, let number):
      try digest(tensor, of: owner, segment: number, scratch)
    case .compare(let ordinal, let number):
      let tensor = tensors[ordinal]
      try compare(tensor, segment: number, scratch)
      guard tensor.finishJob() else { return }
      try finish(tensor)
      tensors.forget(ordinal)
    }
  }

  /// Digests a segment of a tensor that no mask covers.
  private func digest(
    _ tensor: StoredTensor,
    of owner: Int?,
    segment: Int,
    _ scratch: ComparisonScratch
  ) throws {
    let checkpoint = owner.map { plan.subjects[$0].checkpoint } ?? plan.base
    let content = owner.map { contents[$0] } ?? baseContent
    let blocks = Block.indices(ofSegment: segment, positions: tensor.shape.count)
    var digests: [ContentDigest] = []
    for block in blocks {
      let range = Block.range(block, positions: tensor.shape.count)
      try scratch.tuned.load(tensor, range, of: checkpoint)
      digests.append(scratch.tuned.digest)
      progress(scratch.tuned.byteCount)
    }
    content.note(digests, from: blocks.lowerBound, of: tensor)
  }
}
