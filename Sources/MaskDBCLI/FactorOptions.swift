internal import ArgumentParser
internal import MaskCatalog
internal import MaskQuery
internal import MaskReports

/// By what runs are told apart.
struct FactorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A recorded field in which runs may differ all the same, such as a note; may be repeated. "
        + "Name and step always are.",
      valueName: "field"
    )
  )
  var ignore: [String] = []

  var ignored: [String] { ignore.flatMap { $0.split(separator: ",").map(String.init) } }
}

/// The runs that a question about groups of runs is about.
struct AskedRuns {
  /// Every mask that was selected.
  let cases: [RunCase]
  let factors: RunFactors
  let units: RunUnits
  /// Those that count as runs.
  let masks: [AskedMask]

  /// The runs of `selected`, each of which must record `fields` to count.
  init(
    _ selected: [AskedMask],
    ignoring ignored: [String],
    recording fields: [String] = []
  ) throws {
    cases = selected.map { RunCase($0) }
    factors = try RunFactors(of: cases, ignoring: ignored.filter { !fields.contains($0) })
    try factors.check(fields)
    units = RunUnits(of: cases, factors: factors, recording: fields)
    masks = units.kept.map { selected[$0] }
  }

  /// What was asked, for a report on the answer of `query`.
  func question(_ query: OverlapQuery) throws -> GroupReport.Question {
    GroupReport.Question(units: units, factors: factors, tensors: try query.tensors(of: masks))
  }
}
