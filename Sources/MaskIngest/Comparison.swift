internal import ByteFormats
internal import Checkpoints
internal import MaskModel
internal import Synchronization

/// Compares a base with its subjects, segment by segment on several threads.
///
/// Each block of the base is read once whatever the number of subjects and definitions. Memory is
/// bounded by threads x masks x 512 KiB, the counters of the tensors under way, and 16 bytes for
/// every 65,536 values.
final class Comparison: Sendable {
  let plan: ComparisonPlan
  let sink: any ComparisonSink
  let baseContent: ContentTally
  let contents: [ContentTally]
  let results: Mutex<[[MaskResult]]>
  let totals = Mutex<[ExponentTotalsRecord]>([])
  private let tensors: [TensorProgress]
  private let jobs: [ComparisonJob]
  private let progress: @Sendable (Int) -> Void

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
    tensors = plan.tensors.indices.map { ordinal in
      TensorProgress(ordinal, in: plan, jobs: plan.segments(ofTensor: ordinal))
    }
    results = Mutex(
      plan.subjects.map { subject in
        subject.choices.map { _ in
          MaskResult(
            counts: Array(repeating: 0, count: plan.tensors.count),
            digest: MaskDigest(tensors: plan.tensors.count)
          )
        }
      }
    )
  }

  /// Compares everything on `threads` threads.
  ///
  /// - Throws: what a checkpoint or the sink throws first.
  func run(threads: Int) throws {
    for tensor in tensors where plan.segments(ofTensor: tensor.ordinal) == 0 { try finish(tensor) }
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
      if tensor.finishJob() { try finish(tensor) }
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
    for block in Block.indices(ofSegment: segment, positions: tensor.shape.count) {
      let range = Block.range(block, positions: tensor.shape.count)
      try scratch.tuned.load(tensor, range, of: checkpoint)
      content.note(scratch.tuned.digest, block: block, of: tensor)
      progress(scratch.tuned.byteCount)
    }
  }

  func advance(_ bytes: Int) { progress(bytes) }
}

/// The compared positions of one tensor of the base by exponent field.
struct ExponentTotalsRecord: Sendable {
  let key: TensorProgress.TotalsKey
  let ordinal: Int
  let totals: [Int]
}
