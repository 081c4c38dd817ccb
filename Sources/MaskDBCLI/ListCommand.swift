internal import ArgumentParser
internal import ByteFormats
internal import MaskCatalog
internal import MaskQuery
internal import MaskReports

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls",
    abstract: "List the masks of the catalog.",
    discussion: """
      Without --definition every mask is listed, with it one mask a run. json, ndjson and csv have all \
      that is recorded of the runs; a table shows what --fields names.

      Examples:
        maskdb ls
        maskdb ls 'grpo-*' --definition paper
        maskdb ls --where algorithm=grpo,dpo --where seed=0 --json
        maskdb ls --fields learning_rate,optimizer
        maskdb ls --format csv > masks.csv
      """
  )

  enum Order: String, ExpressibleByArgument, CaseIterable {
    case name
    case density
    case count
  }

  @OptionGroup var selection: SelectionOptions

  @Option(help: "Sort by name, or the largest density or count first.")
  var sort: Order = .name

  @Option(
    help: ArgumentHelp(
      "Further recorded fields that a table shows, or all.",
      valueName: "field[,field]"
    )
  )
  var fields: String?

  @OptionGroup var table: TableOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalogs: CatalogsOptions
  @OptionGroup var output: FormatOptions<ListFormats>
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    guard fields != nil, ![.table, .markdown, .latex].contains(try output.format()) else { return }
    throw ValidationError("--fields goes with --format table, md or latex; others have all fields.")
  }

  func run() throws {
    let masks = try sorted(selected(from: catalogs.open()).map(\.summary))
    let further = MaskListReport(masks).furtherFields
    let report = MaskListReport(masks, showing: try shownFields(among: further))
    try output.write(report, rowLimit: table.limit)
  }

  /// The fields that have columns of their own, which must be recorded.
  private func shownFields(among further: [String]) throws -> [String] {
    guard let fields else { return [] }
    if fields == "all" { return further }
    let asked = fields.split(separator: ",").map(String.init)
    for field in asked where !further.contains(field) {
      throw UnansweredQuestion.notRecorded(field, among: further)
    }
    return asked
  }

  /// The masks that are asked for; all where nothing is asked, even if there is none.
  private func selected(from catalogs: CatalogSet) throws -> [AskedMask] {
    let selection = try selection.selection()
    if selection.references.isEmpty, selection.definition == nil, !selection.isLatestStepOnly {
      let kept = catalogs.all.filter { mask in
        selection.filters.allSatisfy { $0.matches(mask) }
      }
      return selection.filters.isEmpty || !kept.isEmpty
        ? kept : try selection.resolve(in: catalogs).masks
    }
    return try self.selection.resolve(
      in: catalogs,
      threads: threads.count,
      isQuiet: quiet.quiet
    )
  }

  private func sorted(_ masks: [MaskSummary]) -> [MaskSummary] {
    switch sort {
    case .name: masks
    case .count: masks.sorted { $0.count > $1.count }
    case .density:
      masks.sorted { ($0.density ?? 0) > ($1.density ?? 0) }
    }
  }
}
