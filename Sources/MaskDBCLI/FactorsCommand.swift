internal import ArgumentParser
internal import ByteFormats
internal import Foundation
internal import MaskCatalog
internal import MaskQuery
internal import MaskReports

struct FactorsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "factors",
    abstract: "Show how much masks overlap by what alone differs: seed, data, algorithm, ...",
    discussion: """
      One row for every recorded field that alone differs in some pair of runs, and for every \
      combination of fields that occurs: random and observed coverages, Jaccard, lift with its \
      ceiling, and the attained share over the null that knows the magnitudes of the base. That one \
      factor leaves more in common than another is said only where both have three pairs and their \
      means of attained differ by more than twice the pooled standard deviation of their pairs. A run \
      counts once: its latest step, identical masks once. Values that are numbers are compared as such: \
      1e-6 and 1e-06 do not differ.

      Examples:
        maskdb factors
        maskdb factors --where algorithm=grpo,dpo --exclude '*norm*'
        maskdb factors --ignore precision --json
        maskdb factors --format latex -o factors.tex
      """
  )

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var factors: FactorOptions
  @OptionGroup var tensors: TensorOptions
  @OptionGroup var mixtures: MixtureOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalogs: CatalogsOptions
  @OptionGroup var output: FormatOptions<TableFormats>
  @OptionGroup var quiet: QuietOptions

  func run() async throws {
    let masks = try selection.resolve(
      in: catalogs.open(),
      threads: threads.count,
      isQuiet: quiet.quiet
    )
    let asked = try AskedRuns(masks, ignoring: factors.ignored)
    guard asked.masks.count > 1 else { throw UnansweredQuestion.tooFewRuns(asked.masks.count) }
    try Compatibility.check(asked.masks, allowing: mixtures.mixtures())
    let query = OverlapQuery(
      counter: PairCounter(threads: threads.count),
      nulls: FactorReport.nulls,
      environment: ProcessInfo.processInfo.environment,
      scope: tensors.scope(by: nil)
    )
    let rows = FactorTable(
      asked.units.kept.map { asked.cases[$0] },
      overlaps: try await query.pairs(of: asked.masks, isQuiet: quiet.quiet),
      factors: asked.factors
    )
    let report = FactorReport(
      masks: asked.masks.map(\.summary),
      rows,
      question: try asked.question(query)
    )
    try output.write(report, rowLimit: table.limit)
  }
}
