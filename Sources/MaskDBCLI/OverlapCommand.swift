internal import ArgumentParser
internal import Foundation
internal import MaskCatalog
internal import MaskQuery
internal import MaskReports

struct OverlapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overlap",
    abstract: "Show how any two of the masks overlap, and whether that is above random.",
    discussion: """
      Counts are exact and kept, so that asking again reads no bits. A null keeps what its name says \
      and is random otherwise: global, tensor, row, column, row_column, magnitude. Lift is the overlap \
      over that of the null; its ceiling differs from pair to pair, so compare `attained`, the share of \
      the way from the expected overlap to the largest possible one.

      Ctrl-C keeps what is counted of pairs within one catalog; the next count goes on from there.

      Examples:
        maskdb overlap
        maskdb overlap grpo-s0 grpo-s1 dpo-s0 --null global --null magnitude
        maskdb overlap --definition bitwise --where algorithm=grpo --json
        maskdb overlap -o overlap.svg
        maskdb overlap --value attained:magnitude -o attained.png
        maskdb overlap --format csv --value coverage > coverage.csv
        maskdb overlap -o overlap.npz
        maskdb overlap grpo-s0 grpo-s1 --by module
        maskdb overlap --by layer,module --exclude '*norm*' --exclude '*embed*'
        maskdb overlap --threshold 0.5 --top 20
        maskdb overlap --by module --module router=mlp.gate --module experts=experts
        maskdb overlap --latest-step --catalog mine.maskdb --catalog lab.maskdb
      """
  )

  @OptionGroup var selection: SelectionOptions

  @OptionGroup var nulls: NullOptions
  @OptionGroup var mixtures: MixtureOptions
  @OptionGroup var scope: ScopeOptions
  @OptionGroup var screening: ScreenOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalogs: CatalogsOptions

  @Option(
    name: .customLong("value"),
    help: ArgumentHelp(
      "What a matrix or heat map shows: coverage (row A: |A∩B|/|A|), \(PairStatisticNames.all). "
        + "Default: jaccard.",
      valueName: "value"
    )
  )
  var valueName: String?

  @OptionGroup var output: FormatOptions<OverlapFormats>
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    try scope.checkModules()
    let isMatrix = try [.csv, .npz, .svg, .png].contains(output.format())
    _ = try value()
    if !isMatrix, valueName != nil {
      throw ValidationError("--value goes with --format csv, npz, svg or png.")
    }
    if isMatrix, try scope.scope().grouping != nil {
      throw ValidationError("--by goes with --format table, json, ndjson, long-csv, md or latex.")
    }
  }

  func run() async throws {
    let format = try output.checkedFormat()
    let masks = try selection.resolve(
      in: catalogs.open(),
      for: computedNulls(),
      threads: threads.count,
      isQuiet: quiet.quiet
    )
    try Compatibility.check(masks, allowing: mixtures.mixtures())
    // To a program no pair is an answer, to a person a mistake.
    guard masks.count > 1 || format == .json || format == .ndjson else {
      throw SelectionError.noPair(of: masks.map(\.id))
    }
    let file = try await file(of: masks)
    try Output.write(file.bytes(format), to: output.output)
  }

  /// The value of a matrix.
  private func value() throws -> PairStatistic {
    try valueName.map { try PairStatistic(option: $0) } ?? .metric(.jaccard)
  }

  /// The nulls that are asked for, and that of the value.
  private func computedNulls() throws -> [Null] {
    try (nulls.nulls() ?? Null.allCases) + [value().null].compactMap(\.self)
  }

  /// The answer, with all that is needed to write it.
  private func file(of masks: [AskedMask]) async throws -> OverlapFile {
    let value = try value()
    return OverlapFile(
      try await report(on: masks, nulls: try computedNulls()),
      value: value,
      tableNulls: try nulls.nulls() ?? OverlapReport.tableNulls,
      options: output.writing(rowLimit: table.limit)
    )
  }

  /// The pairs that are shown, and how many are not.
  private func report(
    on masks: [AskedMask],
    nulls: [Null]
  ) async throws -> OverlapReport {
    let scope = try scope.scope()
    let query = OverlapQuery(
      counter: PairCounter(threads: threads.count),
      nulls: nulls,
      environment: ProcessInfo.processInfo.environment,
      scope: scope
    )
    let summaries = masks.map(\.summary)
    let tensors = try query.tensors(of: masks)
    let count = MaskPair.all(of: masks.count).count
    // The sizes of whole masks say nothing about some of their tensors.
    let candidates =
      tensors.namesLeftOut.isEmpty ? screening.screen.candidates(among: summaries) : nil
    let pairs = try await query.pairs(of: masks, among: candidates, isQuiet: quiet.quiet)
    let (shown, omitted) = screening.screen.apply(to: pairs, of: count)
    guard !shown.isEmpty || count == 0 else {
      throw SelectionError.noPair(of: count, passing: screening.screen)
    }
    if omitted.count > 0, !quiet.quiet { StandardError.note(omitted.sentence) }
    return OverlapReport(
      masks: summaries,
      pairs: shown,
      nulls: nulls,
      grouping: scope.grouping,
      tensors: tensors,
      omitted: omitted
    )
  }
}
