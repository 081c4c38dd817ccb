internal import ArgumentParser
internal import ByteFormats
internal import MaskCatalog
internal import MaskDB
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
        maskdb sparsity grpo-s0 dpo-s0 --by layer,module --format svg -o density.svg
      """
  )

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var grouping: GroupingOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var catalogs: CatalogsOptions
  @OptionGroup var output: SparsityFormatOptions

  func run() throws {
    let format = try output.format()
    try Output.checkPlace(isBinary: format == .png, path: output.output)
    let masks = try selection.resolve(in: catalogs.open())
    let grouping = try grouping.grouping(default: .module)
    let entries = try masks.map { mask in
      let counts = try mask.counts()
      let groups = grouping.groups(of: counts.map(\.tensor))
      return SparsityReport.Entry(mask.summary, SparsityTable(counts, groups: groups))
    }
    let report = SparsityReport(by: grouping, entries)
    try Output.write(bytes(of: report, format), to: output.output)
  }

  private func bytes(of report: SparsityReport, _ format: SparsityFormat) -> [UInt8] {
    switch format {
    case .table: Array(report.table(rowLimit: table.limit).utf8)
    case .json: Array((report.json.serialized(.pretty) + "\n").utf8)
    case .svg: report.svg(version: MaskDBRelease.version)
    case .png: report.png(version: MaskDBRelease.version)
    }
  }
}
