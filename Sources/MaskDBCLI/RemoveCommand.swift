internal import ArgumentParser
internal import MaskCatalog
internal import MaskQuery

struct RemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm",
    abstract: "Remove runs with all their masks, or single masks.",
    discussion: """
      Everything that is named is found before anything is removed. Globs are not taken.

      Examples:
        maskdb rm grpo-s0
        maskdb rm grpo-s0@bitwise dpo-s1@bitwise
      """
  )

  @Argument(help: ArgumentHelp("Runs, or masks RUN@DEFINITION[@DTYPE].", valueName: "run|mask"))
  var references: [String]

  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var quiet: QuietOptions

  func run() throws {
    let catalog = try catalog.open()
    let (runs, masks) = (try catalog.runs(), try CatalogSet([catalog]))
    let targets = try references.map { try Target($0, runs: runs, masks: masks) }
    for target in targets {
      switch target {
      case .run(let run): try catalog.remove(run)
      case .masks(let masks): for mask in masks { try catalog.remove(mask) }
      }
      if !quiet.quiet { try Output.print("removed \(target.name)") }
    }
  }

  private enum Target {
    case run(RunRecord)
    case masks([MaskRecord])

    init(_ reference: String, runs: [RunRecord], masks: CatalogSet) throws {
      if Glob.isPattern(reference) { throw SelectionError.glob(reference) }
      if reference.contains("@") {
        let found = try MaskSelection([reference]).resolve(in: masks).masks
        self = .masks(found.flatMap(\.places).map(\.record))
      } else {
        self = .run(try RunSelection.run(reference, in: runs))
      }
    }

    var name: String {
      switch self {
      case .run(let run): run.name
      case .masks(let masks): masks.map(\.name).joined(separator: ", ")
      }
    }
  }
}
