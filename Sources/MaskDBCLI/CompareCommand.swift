internal import ArgumentParser
internal import Foundation
internal import ByteFormats
internal import MaskCatalog
internal import MaskDB
internal import MaskModel
internal import MaskQuery
internal import MaskReports

struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Show the overlap of two masks in depth.",
    discussion: """
      Every count, metric and null of one pair, then the same by module, or what --by says. \
      coverage_a reads: of the parameters that A changed, the share that B changed too.

      Examples:
        maskdb compare grpo-s0 grpo-s1
        maskdb compare grpo-s0 dpo-s0 --by layer,module --limit 20
        maskdb compare grpo-s0@bitwise grpo-s1@bitwise --exclude '*norm*' --json
        maskdb compare grpo-s0 grpo-s1 --format svg -o lift-and-attained.svg
        maskdb compare grpo-s0 grpo-s1 --format png --value jaccard -o jaccard.png
      """
  )

  @Argument(
    help: ArgumentHelp("Mask A: RUN@DEFINITION[@DTYPE], a run, or an expression.", valueName: "a")
  )
  var a: String

  @Argument(help: ArgumentHelp("Mask B, likewise.", valueName: "b"))
  var b: String

  @Option(help: ArgumentHelp("The definition that a run stands for.", valueName: "rule"))
  var definition: String?

  @OptionGroup var mixtures: MixtureOptions
  @OptionGroup var scope: ScopeOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalogs: CatalogsOptions

  @Option(
    name: .customLong("value"),
    help: ArgumentHelp(
      "What heat maps show, one each; may be repeated: coverage (|A∩B|/|A|), "
        + "\(PairStatisticNames.all). Default: lift:magnitude and attained:magnitude.",
      valueName: "value"
    )
  )
  var valueNames: [String] = []

  @OptionGroup var output: FormatOptions<PairFormats>
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    _ = try MaskSelection([a, b], definition: definition)
    let isFigure = try output.format().isFigure
    _ = try values()
    if !isFigure, !valueNames.isEmpty {
      throw ValidationError("--value goes with --format svg or png.")
    }
    if isFigure, try scope.grouping.grouping(default: .layerModule) != .layerModule {
      throw ValidationError("a heat map of a pair is --by layer,module.")
    }
  }

  func run() async throws {
    let format = try output.checkedFormat()
    let masks = try masks(in: catalogs.open())
    try Compatibility.check(masks, allowing: mixtures.mixtures())
    let query = OverlapQuery(
      counter: PairCounter(threads: threads.count),
      nulls: Null.allCases,
      environment: ProcessInfo.processInfo.environment,
      scope: try scope.scope(default: format.isFigure ? .layerModule : .module)
    )
    let pairs = try await query.pairs(of: masks, isQuiet: quiet.quiet)
    let report = CompareReport(
      a: masks[0].summary,
      b: masks[1].summary,
      pair: pairs[0],
      grouping: query.scope.grouping ?? .module,
      tensors: try query.tensors(of: masks)
    )
    switch format {
    case .svg:
      try Output.write(report.svg(values(), version: MaskDBRelease.version), to: output.output)
    case .png:
      try Output.write(report.png(values(), version: MaskDBRelease.version), to: output.output)
    default: try output.write(report, rowLimit: table.limit)
    }
  }

  /// What heat maps show.
  private func values() throws -> [PairStatistic] {
    let values = try valueNames.flatMap { $0.split(separator: ",") }.map {
      try PairStatistic(option: String($0))
    }
    return values.isEmpty ? CompareReport.figureStatistics : values
  }

  /// The two masks that are named.
  private func masks(in catalogs: CatalogSet) throws -> [AskedMask] {
    let selection = try MaskSelection([a, b], definition: definition)
    let masks = try selection.resolve(
      in: catalogs,
      for: Null.allCases,
      threads: threads.count
    ).masks
    guard masks.count == 2 else { throw UnansweredQuestion.noPair([a, b]) }
    return masks
  }
}
