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
        maskdb sparsity grpo-s0 --module attention=self_attn
        maskdb sparsity grpo-s0 dpo-s0 --by layer,module --format svg -o density.svg
      """
  )

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var grouping: GroupingOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalogs: CatalogsOptions
  @OptionGroup var output: FormatOptions<DensityFormats>
  @OptionGroup var quiet: QuietOptions

  func run() throws {
    let format = try output.checkedFormat()
    let masks = try selection.resolve(
      in: catalogs.open(),
      threads: threads.count,
      isQuiet: quiet.quiet
    )
    let by = try grouping.grouping(default: .module)
    let allCounts = try masks.answers { try $0.counts(margins: false) }
    let entries = try zip(masks, allCounts).map { mask, counts in
      let tensors = counts.map(\.tensor)
      let groups = by.groups(of: tensors, patterns: try grouping.patterns(on: tensors))
      return SparsityReport.Entry(mask.summary, SparsityTable(counts, groups: groups))
    }
    let report = SparsityReport(by: by, entries)
    switch format {
    case .svg: try Output.write(report.svg(version: MaskDBRelease.version), to: output.output)
    case .png: try Output.write(report.png(version: MaskDBRelease.version), to: output.output)
    default: try output.write(report, rowLimit: table.limit)
    }
  }
}
