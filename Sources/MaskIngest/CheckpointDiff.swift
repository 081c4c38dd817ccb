internal import Checkpoints
internal import MaskCatalog
public import MaskModel
internal import Synchronization

/// A base and a fine-tuned checkpoint compared without a catalog.
public struct CheckpointDiff: Sendable {
  /// The masks' figures, one for each definition.
  public struct Figures: Sendable {
    /// The definition.
    public let definition: MaskDefinition
    /// The positions that changed, by tensor of the layout.
    public let counts: [Int]
  }

  /// The tensors of the base.
  public let layout: ModelLayout
  /// The positions compared, by tensor of the layout.
  public let compared: [Int]
  /// The figures by definition.
  public let figures: [Figures]
  /// What there is to say of the fine-tuned checkpoint.
  public let notes: ComparisonNotes

  /// Compares `tuned` with `base`; reads each once and keeps no mask.
  ///
  /// - Throws: `CheckpointError`, `MismatchError`, `DefinitionError`.
  public init(
    base: String,
    tuned: String,
    options: ComparisonOptions,
    progress: any ProgressReporter
  ) throws {
    let baseCheckpoint = try Checkpoint(at: base, environment: options.environment)
    let checkpoint = try Checkpoint(at: tuned, environment: options.environment)
    let subject = try Subject(checkpoint, base: baseCheckpoint, options, needsDigest: false)
    let plan = ComparisonPlan(
      base: baseCheckpoint,
      subjects: [subject],
      needsBaseDigest: false,
      encodes: false
    )
    progress.expect(bytes: plan.byteCount)
    let comparison = Comparison(plan, into: NoSink()) { progress.advance(bytes: $0) }
    try comparison.run(threads: options.threads)
    try baseCheckpoint.checkUnchanged()
    try checkpoint.checkUnchanged()
    layout = subject.pairing.layout
    compared = subject.pairing.pairs.map(\.compared)
    let results = comparison.results.withLock { $0[0] }
    figures = zip(subject.choices, results).map {
      Figures(definition: $0.definition, counts: $1.counts)
    }
    notes = ComparisonNotes(
      reference: tuned,
      notices: checkpoint.notices.filter { !$0.isAboutTypes }.map(\.description)
        + subject.choices.narrowing(subject.pairing),
      skipped: subject.pairing.skipped
    )
  }
}

/// A sink for comparisons that are only counted.
private struct NoSink: ComparisonSink {
  func take(_ segment: EncodedSegment, of mask: MaskIndex, ordinal: Int, number: Int) {}
  func take(_ tensor: MaskTensorRecord, of mask: MaskIndex, exponentTotals: [Int]?) {}
}
