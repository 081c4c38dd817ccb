internal import ArgumentParser
internal import ByteFormats
internal import MaskCatalog
internal import MaskModel
internal import MaskQuery
internal import MaskReports

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a run with the source of every field and its masks, or one mask.",
    discussion: """
      A glob must fit one run; `maskdb ls` takes any.

      Examples:
        maskdb show grpo-s0
        maskdb show grpo-s0@bitwise --json
      """
  )

  @Argument(help: ArgumentHelp("A run, or a mask RUN@DEFINITION[@DTYPE].", valueName: "run|mask"))
  var reference: String

  @OptionGroup var catalogs: CatalogsOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let masks = try masks(in: catalogs.open())
    guard let (catalog, run) = masks[0].places.first.map({ ($0.catalog, $0.record.run) }) else {
      return
    }
    let report = RunReport(
      name: run.name,
      base: run.base.digest,
      baseLocation: run.base.location,
      location: run.location,
      addedAt: run.addedAt,
      digest: run.digest,
      fields: run.fields.values.sorted { NaturalOrder.precedes($0.key, $1.key) },
      history: try catalog.history(of: run).map {
        RunReport.Entry(field: $0.field, recordedAt: $0.recordedAt)
      },
      masks: masks.map(\.summary)
    )
    try Output.print(output.json ? report.json.serialized(.pretty) : report.text)
  }

  /// The mask that is named, or all of the run that is.
  private func masks(in catalogs: CatalogSet) throws -> [AskedMask] {
    try RunSelection.masks(ofRun: reference, in: catalogs)
      ?? MaskSelection([reference]).resolve(in: catalogs).masks
  }
}
