internal import ArgumentParser
internal import Foundation
internal import ByteFormats
internal import MaskCatalog
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
      """
  )

  @Argument(help: ArgumentHelp("Mask A: RUN@DEFINITION[@DTYPE], or a run.", valueName: "a"))
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
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws { _ = try request() }

  func run() async throws {
    let masks = try masks(in: catalogs.open())
    try Compatibility.check(masks, allowing: mixtures.mixtures())
    let query = OverlapQuery(
      counter: PairCounter(threads: threads.count),
      nulls: Null.allCases,
      environment: ProcessInfo.processInfo.environment,
      scope: try scope.scope(default: .module)
    )
    let pairs = try await query.pairs(of: masks, isQuiet: quiet.quiet)
    let report = CompareReport(
      a: masks[0].summary,
      b: masks[1].summary,
      pair: pairs[0],
      grouping: query.scope.grouping ?? .module,
      tensors: try query.tensors(of: masks)
    )
    try Output.print(isJSON: output.json, report.json, report.text(rowLimit: table.limit))
  }

  /// The two masks that are named.
  private func masks(in catalogs: CatalogSet) throws -> [AskedMask] {
    let masks = try MaskSelection([a, b], definition: request()).resolve(in: catalogs)
    guard masks.count == 2 else { throw UnansweredQuestion.noPair([a, b]) }
    return masks
  }

  private func request() throws -> DefinitionRequest? {
    try definition.map { try DefinitionRequest(option: $0) }
  }
}
