internal import ArgumentParser
internal import Foundation
internal import MaskCatalog
internal import MaskIngest
internal import MaskModel
internal import MaskQuery

/// A command whose cost can be told before it runs.
enum EstimatedJob: String, ExpressibleByArgument, CaseIterable {
  case overlap, add
}

/// What `info --estimate` is about: the words that the command itself would be given.
struct EstimateOptions: ParsableArguments {
  @Option(
    name: .customLong("estimate"),
    help: ArgumentHelp(
      "Tell what a command would cost: overlap or add, of what is named here.",
      valueName: "command"
    )
  )
  var job: EstimatedJob?

  @Argument(
    help: ArgumentHelp(
      "What the estimated command is given: runs and masks, or fine-tuned checkpoints.",
      valueName: "argument"
    )
  )
  var arguments: [String] = []

  @Option(help: "The base of an estimated add.")
  var base: String?

  @Option(
    name: .customLong("definition"),
    help: ArgumentHelp("As for the estimated command.", valueName: "rule")
  )
  var definitions: [String] = []

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp("As for the estimated overlap.", valueName: "key=value[,value]")
  )
  var filters: [String] = []

  @OptionGroup var mixtures: MixtureOptions
  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    switch job {
    case .overlap:
      _ = try selection()
      if base != nil { throw ValidationError("--base goes with --estimate add.") }
      if definitions.count > 1 {
        throw ValidationError("An overlap is of one definition; name it once.")
      }
    case .add:
      _ = try definitionOptions.requests()
      guard base != nil, !arguments.isEmpty else {
        throw ValidationError("--estimate add takes fine-tuned checkpoints and --base.")
      }
      if !filters.isEmpty { throw ValidationError("--where goes with --estimate overlap.") }
    case nil:
      guard arguments.isEmpty, base == nil, definitions.isEmpty, filters.isEmpty else {
        throw ValidationError("Runs and checkpoints go with --estimate overlap or --estimate add.")
      }
    }
  }

  private func selection() throws -> MaskSelection {
    try MaskSelection(arguments, definition: definitions.first, filters: filters)
  }

  private var definitionOptions: DefinitionOptions {
    var options = DefinitionOptions()
    options.definitions = definitions
    options.compareDtype = nil
    return options
  }

  /// What the overlap of the chosen masks of `catalog` would cost.
  func overlap(in catalog: Catalog) throws -> OverlapEstimate {
    let masks = try selection().resolve(in: CatalogSet([catalog]), threads: threads.count).masks
    try Compatibility.check(masks, allowing: mixtures.mixtures())
    guard masks.count > 1 else { throw SelectionError.noPair(of: masks.map(\.id)) }
    let query = OverlapQuery(
      counter: PairCounter(threads: threads.count),
      nulls: [],
      environment: [:]
    )
    return try query.estimate(of: masks)
  }

  /// What adding the checkpoints would cost.
  func add(to catalog: Catalog?) throws -> AddEstimate {
    try AddEstimate(
      arguments,
      base: base ?? "",
      options: ComparisonOptions(
        definitions: definitionOptions.requests(),
        threads: threads.count,
        environment: ProcessInfo.processInfo.environment
      ),
      catalog: catalog
    )
  }
}
