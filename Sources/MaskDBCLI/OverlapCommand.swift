internal import ArgumentParser
internal import ByteFormats
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

      Examples:
        maskdb overlap
        maskdb overlap grpo-s0 grpo-s1 dpo-s0 --null global --null magnitude
        maskdb overlap --definition bitwise --where algorithm=grpo --json
        maskdb overlap grpo-s0 grpo-s1 --by module
        maskdb overlap --by layer,module --exclude '*norm*' --exclude '*embed*'
      """
  )

  @OptionGroup var selection: SelectionOptions

  @OptionGroup var nulls: NullOptions
  @OptionGroup var mixtures: MixtureOptions
  @OptionGroup var scope: ScopeOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func run() async throws {
    let catalog = try catalog.open()
    let masks = try selection.resolve(in: catalog)
    try Compatibility.check(masks, allowing: mixtures.mixtures())
    let asked = try nulls.nulls()
    let scope = try scope.scope()
    let query = OverlapQuery(
      catalog,
      counter: PairCounter(threads: threads.count),
      nulls: asked ?? Null.allCases,
      scope: scope
    )
    let report = OverlapReport(
      masks: try MaskSummary.all(of: masks, in: catalog),
      pairs: try await query.pairs(of: masks, isQuiet: quiet.quiet),
      nulls: asked ?? Null.allCases,
      grouping: scope.grouping,
      tensors: try query.tensors(of: masks)
    )
    Output.print(
      output.json
        ? report.json.serialized(.pretty)
        : report.table(nulls: asked ?? OverlapReport.tableNulls, rowLimit: table.limit)
    )
  }
}
