internal import ArgumentParser
internal import MaskCatalog
internal import MaskModel
internal import MaskQuery

struct SetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Record fields of a run; former values and their sources are kept.",
    discussion: """
      An empty value clears the field. `maskdb show RUN` lists the history.

      Examples:
        maskdb set grpo-s0 dataset=gsm8k seed=42
        maskdb set grpo-s0 note=
      """
  )

  @Argument(help: ArgumentHelp("The run.", valueName: "run"))
  var reference: String

  @Argument(help: ArgumentHelp("The fields.", valueName: "key=value"))
  var fields: [String]

  @OptionGroup var catalog: CatalogOptions

  func validate() throws { _ = try runFields() }

  func run() throws {
    let catalog = try catalog.open()
    try catalog.set(runFields(), of: RunSelection.run(reference, in: catalog.runs()))
  }

  private func runFields() throws -> [RunField] {
    try fields.map { try RunField(option: $0, source: "set") }
  }
}

extension RunField {
  /// The field that `KEY=VALUE` of an option says, refused as wrong usage where it is none.
  init(option text: String, source: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[0] != "name" else {
      throw ValidationError("'\(text)' is no field; write KEY=VALUE, and `rename` for the name.")
    }
    self.init(key: String(parts[0]), value: String(parts[1]), source: source)
    if !value.isEmpty, !isWhole {
      throw ValidationError("'\(text)': a \(key) is a whole number.")
    }
  }
}
