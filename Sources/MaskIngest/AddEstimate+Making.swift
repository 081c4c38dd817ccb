internal import Checkpoints
public import MaskCatalog
internal import MaskModel

extension AddEstimate {
  /// What adding the checkpoints `references`, fine-tuned from `base`, will cost; writes nothing.
  ///
  /// - Parameters:
  ///   - references: the fine-tuned checkpoints.
  ///   - base: what they were fine-tuned from.
  ///   - options: as `add` would be given them.
  ///   - catalog: what they would be added to; nil where there is none yet.
  /// - Throws: what `MaskAdder.add` throws before it reads the first tensor; `CheckpointError`.
  public init(
    _ references: [String],
    base: String,
    options: ComparisonOptions,
    catalog: Catalog?
  ) throws {
    let base = try Checkpoint(at: base, environment: options.environment)
    var known: [Bool] = []
    var subjects: [Subject] = []
    for reference in references {
      let checkpoint = try Checkpoint(at: reference, environment: options.environment)
      let subject = try Subject(checkpoint, base: base, options, needsDigest: true)
      known.append(try catalog.map { try subject.isKnown(to: $0, base: base) } ?? false)
      if known.last == false { subjects.append(subject) }
    }
    let plan = ComparisonPlan(
      base: base,
      subjects: subjects,
      needsBaseDigest: true,
      encodes: true
    )
    let sizes = subjects.map(\.choices.count)
    let groups = MaskAdder.groups(ofMasks: sizes, threads: options.threads)
    let held = groups.map { $0.reduce(0) { $0 + sizes[$1] } }.max() ?? 0
    let workers = min(options.threads, ComparisonJob.all(of: plan).count)
    self.init(
      checkpoints: subjects.count,
      known: known.count { $0 },
      masks: plan.maskCount,
      positions: subjects.reduce(0) { $0 + $1.choices.count * $1.pairing.compared },
      readBytes: subjects.isEmpty ? 0 : plan.byteCount + (groups.count - 1) * base.byteCount,
      memoryBytes: held * workers * (SegmentGrid.length / 8),
      trial: try subjects.isEmpty ? nil : AddTrial(of: plan, threads: options.threads)
    )
  }
}

extension Subject {
  /// Whether `catalog` has the masks of the same files already.
  fileprivate func isKnown(to catalog: Catalog, base: Checkpoint) throws -> Bool {
    let item = AddItem(reference: "")
    let baseDigest = try catalog.contentDigest(of: base.fingerprint.digest)
    let digest = try catalog.contentDigest(of: checkpoint.fingerprint.digest)
    return try OpenedSubject.knownRun(item, baseDigest, digest, choices, catalog.masks()) != nil
  }
}
