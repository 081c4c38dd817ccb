internal import ArgumentParser
internal import Foundation
internal import MaskCatalog
internal import MaskModel
internal import MaskQuery
internal import SystemPackage

/// How much is said.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON, as the schemas in Schemas/ say.")
  var json = false
}

/// What is said beside the answer.
struct QuietOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Show no progress and no notes.")
  var quiet = false
}

/// How many threads work.
struct ThreadOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Threads; default $SLURM_CPUS_PER_TASK, else the processors there are."
  )
  var threads: Int?

  func validate() throws {
    guard let threads, !(1...Self.most).contains(threads) else { return }
    throw ValidationError("--threads takes a number from 1 to \(Self.most).")
  }

  /// More than any machine has processors.
  private static let most = 4096

  var count: Int {
    let slurm = ProcessInfo.processInfo.environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) }
    return threads ?? slurm.flatMap { (1...Self.most).contains($0) ? $0 : nil }
      ?? PairCounter.activeProcessors
  }
}

/// Which masks are to be made.
struct DefinitionOptions: ParsableArguments {
  @Option(
    name: .customLong("definition"),
    help: ArgumentHelp(
      "What counts as changed: paper[:T], bitwise, numeric, absolute:T, relative:R or ulp:K, "
        + "each with @DTYPE if need be; may be repeated. Default: paper.",
      valueName: "rule"
    )
  )
  var definitions: [String] = []

  @Option(
    help: ArgumentHelp(
      "The dtype in which values are compared: bf16, fp16, fp32 or fp64. Default: bf16 for paper, "
        + "else the less precise of the two files'.",
      valueName: "dtype"
    )
  )
  var compareDtype: String?

  func validate() throws {
    _ = try requests()
    _ = try compareType()
  }

  func requests() throws -> [DefinitionRequest] {
    let texts = definitions.isEmpty ? ["paper"] : definitions
    return try texts.map { try DefinitionRequest(option: $0) }
  }

  func compareType() throws -> FloatType? {
    try compareDtype.map { try FloatType(compareOption: $0) }
  }
}

extension FloatType {
  /// The compare dtype that an option's text names, refused as wrong usage.
  init(compareOption text: String) throws {
    guard let type = FloatType(named: text), type.isComparable else {
      throw ValidationError("'\(text)' is no compare dtype; use bf16, fp16, fp32 or fp64.")
    }
    self = type
  }
}

extension DefinitionRequest {
  /// The request that an option's text names, refused as wrong usage.
  init(option text: String) throws {
    do {
      try self.init(parsing: text)
    } catch {
      throw ValidationError("\(error.description).")
    }
  }
}

/// Which masks a question is about.
struct SelectionOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Masks RUN@DEFINITION[@DTYPE], runs, globs over runs, six or more first digits of a digest, or "
        + "expressions as `maskdb derive` takes. Default: every run.",
      valueName: "run|mask|expr"
    )
  )
  var references: [String] = []

  @Option(help: ArgumentHelp("The definition that a run stands for.", valueName: "rule"))
  var definition: String?

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Only runs whose field has one of the values, numbers compared as such; may be repeated, and then "
        + "all must hold. A value with a comma stands in double quotes: 'dataset=\"a,b\"'.",
      valueName: "key=value[,value]"
    )
  )
  var filters: [String] = []

  @Flag(
    help: """
      Of runs that are alike but for name and step, and in one folder where nothing else is recorded, only \
      the latest, and a checkpoint that is the same at the same step once; no step is the last.
      """
  )
  var latestStep = false

  func validate() throws { _ = try selection() }

  func selection() throws -> MaskSelection {
    try MaskSelection(
      references,
      definition: definition,
      filters: filters,
      isLatestStepOnly: latestStep
    )
  }

  /// The masks of `catalogs` that are selected, expressions evaluated on `threads` threads and counted
  /// for `nulls`; unless `isQuiet`, what --latest-step leaves out is said on stderr.
  func resolve(
    in catalogs: CatalogSet,
    for nulls: [Null] = [],
    threads: Int,
    isQuiet: Bool = false
  ) throws -> [AskedMask] {
    let selected = try selection().resolve(in: catalogs, for: nulls, threads: threads)
    if !isQuiet { selected.tellEarlierSteps() }
    return selected.masks
  }
}
