internal import ArgumentParser
internal import ByteFormats
internal import MaskCatalog
internal import MaskModel
internal import MaskQuery
internal import MaskReports

struct SparsityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sparsity",
    abstract: "Show how much of each layer, module or tensor changed.",
    discussion: """
      Examples:
        maskdb sparsity grpo-s0
        maskdb sparsity --where algorithm=dpo --by layer
        maskdb sparsity grpo-s0@bitwise --by tensor --json
      """)

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var grouping: GroupingOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let catalog = try catalog.open()
    let masks = try selection.resolve(in: catalog)
    let grouping = try grouping.grouping(default: .module)
    let summaries = try MaskSummary.all(of: masks, in: catalog)
    let entries = try zip(masks, summaries).map { mask, summary in
      let counts = try catalog.counts(of: mask)
      let groups = grouping.groups(of: counts.map(\.tensor))
      return SparsityReport.Entry(summary, SparsityTable(counts, groups: groups))
    }
    let report = SparsityReport(by: grouping, entries)
    Output.print(
      output.json ? report.json.serialized(.pretty) : report.table(rowLimit: table.limit))
  }
}
