internal import ArgumentParser
internal import ByteFormats
internal import Foundation
internal import MaskCatalog
internal import MaskIngest
internal import MaskModel
internal import MaskQuery

struct DeriveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "derive",
    abstract: "Keep the mask that an expression over masks gives.",
    discussion: """
      a & b, a | b, a ^ b and a - b are what both, any, one of two, and the first alone have; !a is the \
      complement. They bind as Python's sets do: ! first, then -, &, ^, |. The - needs a space on both \
      sides, and '...' makes any text a name.

        atleast(K, ...), exactly(K, ...)   what at least, or just, K of the masks have: each mask
                                           counts once, of a run at several steps the latest
                                           unless it is named itself; runs of equal bits are two
        where(KEY=VALUE, ...)              within these two: the masks of all runs with the fields;
                                           KEY='A,B' is A or B, KEY='"A,B"' a value with a comma
        only(a, GLOB, ...)                 what a has in tensors of these names
        random(like=a, match=global|tensor|magnitude, seed=N)
                                           as many positions as a has, in all, in every tensor, or in
                                           every tensor and binade of the base's weights

      The magnitude null of its pairs needs the base's exponents: those that add --keep-magnitudes \
      kept, or those of --base.

      The mask is about the positions that all masks named compared; its definition is theirs, or \
      `derived` where they have several. Its name, expression and the digests of the masks named are \
      kept; they may be renamed or removed. overlap, compare, sparsity and export take an expression \
      wherever they take a mask, and keep nothing.

      Examples:
        maskdb derive core 'grpo-s0 & grpo-s1'
        maskdb derive consensus 'atleast(2, where(algorithm=grpo))'
        maskdb derive control 'random(like=grpo-s0, match=tensor, seed=0)'
        maskdb derive attention 'only(grpo-s0 - dpo-s0, *q_proj*, *k_proj*)'
      """
  )

  @Argument(help: "The name of the new mask's run.")
  var name: String

  @Argument(help: ArgumentHelp("The expression, in quotes.", valueName: "expr"))
  var expression: String

  @Option(help: ArgumentHelp("The definition that a run stands for.", valueName: "rule"))
  var definition: String?

  @OptionGroup var base: BasePathOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws { _ = try request() }

  func run() throws {
    let catalog = try catalog.open()
    let evaluator = ExpressionEvaluator(
      try CatalogSet([catalog]),
      definition: try request(),
      basePath: base.path,
      environment: ProcessInfo.processInfo.environment,
      threads: threads.count
    )
    let mask = try evaluator.mask(expression)
    let progress = ProgressBar("deriving", isQuiet: quiet.quiet)
    defer { progress.clear() }
    let storer = MaskStorer(to: catalog, threads: threads.count, progress: progress)
    let report = try storer.store(
      MadeMask(
        reader: mask.reader,
        domain: mask.domain,
        binades: try evaluator.binades(of: mask),
        definition: mask.definition,
        isDefaultType: mask.isDefaultType,
        lineage: mask.lineage,
        base: mask.base.record,
        name: name
      )
    )
    progress.clear()
    try tell(report, in: catalog)
  }

  private func tell(_ report: StoreReport, in catalog: Catalog) throws {
    let masks = try MaskSelection([report.run]).resolve(in: CatalogSet([catalog])).masks
    let derived = DerivedMask(mask: masks[0].summary, isNew: report.isNew)
    try Output.print(output.json ? derived.json.serialized(.pretty) : derived.text)
  }

  private func request() throws -> DefinitionRequest? {
    try definition.map { try DefinitionRequest(option: $0) }
  }
}
