internal import Checkpoints
public import MaskCatalog
internal import MaskModel

/// Adds fine-tuned checkpoints of one base to a catalog: the way from files to masks.
public struct MaskAdder: Sendable {
  let catalog: Catalog
  let options: ComparisonOptions
  let progress: any ProgressReporter

  /// The memory that bits under way may take on all threads together.
  static let draftBytes = 256 << 20

  /// An adder to `catalog`.
  public init(
    to catalog: Catalog,
    options: ComparisonOptions,
    progress: any ProgressReporter
  ) {
    self.catalog = catalog
    self.options = options
    self.progress = progress
  }

  /// Adds `items`, all fine-tuned from `base`; reports on each in its order.
  ///
  /// Every checkpoint is opened, paired and named before the first tensor is read. The base is read
  /// once for as many checkpoints as 256 MiB of bits under way allow. A checkpoint whose content the
  /// catalog has under the same or no name is left as it is. On an error what was finished before
  /// stays, and of the rest nothing.
  ///
  /// - Throws: `CheckpointError`, `MismatchError`, `DefinitionError`, `NameError`, `CatalogError`.
  public func add(_ items: [AddItem], base reference: String) throws -> [AddReport] {
    var base = try OpenedBase(reference, options, catalog)
    let masks = try catalog.masks()
    try refuseTwins(among: items)
    let subjects = try items.map {
      try OpenedSubject($0, base: base, options, catalog, masks: masks)
    }
    var reports = subjects.map(\.knownReport)
    let missing = subjects.indices.filter { reports[$0] == nil }
    if let first = missing.first {
      try base.identify(subjects[first].pairing.layout, in: catalog, threads: options.threads)
    }
    let sizes = missing.map { subjects[$0].choices.count }
    for (number, places) in Self.groups(ofMasks: sizes, threads: options.threads).enumerated() {
      // What the groups before have stored may predict the masks of this one.
      if number > 0 { try base.recall(from: catalog) }
      let group = places.map { missing[$0] }
      let finished = try compare(group.map { subjects[$0] }, base: base)
      for (index, report) in zip(group, finished) { reports[index] = report }
    }
    var all = reports.compactMap(\.self)
    try noteFieldsNotTaken(from: subjects, to: &all, before: Set(masks.map(\.run.name)))
    if options.keepsMagnitudes { try keepMagnitudes(of: base, runs: all.map(\.run)) }
    return all
  }

  /// Says of each run that was there already what it does not record of what was said of it now.
  private func noteFieldsNotTaken(
    from subjects: [OpenedSubject],
    to reports: inout [AddReport],
    before names: Set<String>
  ) throws {
    let old = reports.indices.filter {
      reports[$0].added.isEmpty || names.contains(reports[$0].run)
    }
    guard reports.count == subjects.count, !old.isEmpty else { return }
    let recorded = Dictionary(uniqueKeysWithValues: try catalog.runs().map { ($0.name, $0.fields) })
    for index in old {
      let report = reports[index]
      let others = subjects[index].fields.filter { field in
        let kept = recorded[report.run]?[field.key]?.value ?? ""
        return FieldValue.canonical(kept) != FieldValue.canonical(field.value)
          && field.key != "name"
      }
      guard !others.isEmpty else { continue }
      reports[index].notes.notices.append(report.refusal(of: others))
      let stated = Set(subjects[index].item.fields.map(\.key))
      reports[index].unheeded = others.filter { stated.contains($0.key) }
    }
  }

  /// Refuses two checkpoints that insist on one name.
  private func refuseTwins(among items: [AddItem]) throws {
    var references: [String: String] = [:]
    for item in items {
      guard let name = item.name else { continue }
      guard references.updateValue(item.reference, forKey: name) ?? item.reference == item.reference
      else {
        throw NameError(description: "'\(name)' is to name two runs; give each a name of its own")
      }
    }
  }

  /// Checkpoints of so many masks each, in groups whose bits under way fit the memory.
  static func groups(ofMasks sizes: [Int], threads: Int) -> [[Int]] {
    let limit = draftBytes / (SegmentGrid.length / 8) / max(1, threads)
    var groups: [[Int]] = []
    var masks = limit
    for (place, size) in sizes.enumerated() {
      masks += size
      if masks > limit {
        groups.append([])
        masks = size
      }
      groups[groups.count - 1].append(place)
    }
    return groups
  }

  /// Compares what is to be added with the base, and stores it.
  ///
  /// Where another process removes a mask meanwhile that something is coded against, all begins again
  /// without such references.
  private func compare(_ subjects: [OpenedSubject], base: OpenedBase) throws -> [AddReport] {
    var plan = ComparisonPlan(
      base: base.checkpoint,
      subjects: subjects.map(\.subject),
      needsBaseDigest: base.digest == nil,
      encodes: true,
      knownTotals: base.exponentTotals
    )
    let choice = try ReferenceChoice(plan, base: base.digest, in: catalog)
    plan.references = try choice.references(threads: options.threads)
    plan.catalog = catalog
    do {
      return try compare(subjects, base: base, plan)
    } catch let error as CatalogError where error.code == .maskGone && !plan.references.isEmpty {
      plan.references = []
      return try compare(subjects, base: base, plan)
    }
  }

  private func compare(
    _ subjects: [OpenedSubject],
    base: OpenedBase,
    _ plan: ComparisonPlan
  ) throws -> [AddReport] {
    let session = try catalog.beginIngest(
      subjects.flatMap(\.choices).map {
        UnfinishedMask($0.definition, isDefaultType: $0.isDefaultType)
      },
      positions: subjects.first?.pairing.layout.count ?? 0
    )
    do {
      var ids = session.masks[...]
      let masks = subjects.map { subject in
        defer { ids = ids.dropFirst(subject.choices.count) }
        return Array(ids.prefix(subject.choices.count))
      }
      let sink = CatalogSink(session, masks: masks, references: plan.references)
      progress.expect(bytes: plan.byteCount)
      let comparison = Comparison(plan, into: sink) { progress.advance(bytes: $0) }
      try comparison.run(threads: options.threads)
      for checkpoint in [base.checkpoint] + subjects.map(\.checkpoint) {
        try checkpoint.checkUnchanged()
      }
      var rows = try sink.finish()
      return try subjects.indices.map { index in
        defer { rows = UnwrittenRows() }
        let isLast = index == subjects.count - 1
        return try finish(subjects[index], at: index, comparison, sink, base, after: rows, isLast)
      }
    } catch {
      // The session's rows are invisible; if they cannot be removed now, the next add does it.
      try? session.end()
      throw error
    }
  }
}
