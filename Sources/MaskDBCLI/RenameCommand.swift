internal import ArgumentParser
internal import MaskCatalog
internal import MaskIngest
internal import MaskQuery

struct RenameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename",
    abstract: "Give a run another name; the former one stays in its history.",
    discussion: """
      Examples:
        maskdb rename checkpoint-20 grpo-s0-step20
      """)

  @Argument(help: ArgumentHelp("The run.", valueName: "run"))
  var reference: String

  @Argument(help: "Its new name: letters, digits, '.', '_' and '-'.")
  var name: String

  @OptionGroup var catalog: CatalogOptions

  func run() throws {
    try RunName.check(name)
    let catalog = try catalog.open()
    try catalog.rename(RunSelection.run(reference, in: catalog.runs()), to: name, source: "rename")
  }
}
