internal import ArgumentParser
internal import ByteFormats
internal import Foundation
internal import MaskCatalog
internal import MaskQuery
internal import MaskReports

struct GroupsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "groups",
    abstract: "Show whether masks are more alike within groups of runs than between them.",
    discussion: """
      The statistic is the mean over pairs of runs of one group minus the mean over pairs of two \
      groups. A permutation test exchanges labels among runs that are equal in every other recorded \
      field; 1e-6 and 1e-06 are equal. A run counts once: its latest step, identical masks once. Up to \
      100,000 arrangements are all tried; of more, --permutations are drawn with --seed.

      Examples:
        maskdb groups --by algorithm
        maskdb groups --by algorithm,dataset --stat jaccard --definition bitwise
        maskdb groups 'grpo-*' --by dataset --ignore seed --stat lift:global --json
        maskdb groups --by algorithm --format csv -o means.csv
      """
  )

  @OptionGroup var selection: SelectionOptions

  @Option(help: ArgumentHelp("The recorded fields that make a group.", valueName: "field[,field]"))
  var by: String

  @Option(
    help: ArgumentHelp(
      "What is compared: \(PairStatisticNames.all).",
      valueName: "name"
    )
  )
  var stat = PairStatistic.standard.description

  @Option(
    parsing: .unconditional,
    help: "How many arrangements are drawn where there are too many to try all."
  )
  var permutations = 9_999

  @Option(parsing: .unconditional, help: "The seed that they are drawn with.")
  var seed: UInt64 = 0

  @OptionGroup var factors: FactorOptions
  @OptionGroup var tensors: TensorOptions
  @OptionGroup var mixtures: MixtureOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalogs: CatalogsOptions
  @OptionGroup var output: FormatOptions<TableFormats>
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    _ = try statistic()
    guard !fields.isEmpty else { throw ValidationError("--by takes the name of a field.") }
    guard (1...100_000_000).contains(permutations) else {
      throw ValidationError("--permutations takes a number from 1 to 100,000,000.")
    }
  }

  func run() async throws {
    let asked = try AskedRuns(
      selection.resolve(in: catalogs.open(), threads: threads.count, isQuiet: quiet.quiet),
      ignoring: factors.ignored,
      recording: fields
    )
    try Compatibility.check(asked.masks, allowing: mixtures.mixtures())
    let cases = asked.units.kept.map { asked.cases[$0] }
    let runs = try GroupedRuns(cases, by: fields, factors: asked.factors)
    let query = OverlapQuery(
      counter: PairCounter(threads: threads.count),
      nulls: [try statistic().null].compactMap(\.self),
      environment: ProcessInfo.processInfo.environment,
      scope: tensors.scope(by: nil)
    )
    let comparison = try GroupComparison(
      runs,
      pairs: try await query.pairs(of: asked.masks, isQuiet: quiet.quiet),
      statistic: statistic(),
      plan: PermutationPlan(permutations: permutations, seed: seed)
    )
    let report = GroupReport(
      masks: asked.masks.map(\.summary),
      comparison,
      question: try asked.question(query)
    )
    try output.write(report)
  }

  private var fields: [String] {
    by.split(separator: ",").map { String($0.drop { $0 == " " }) }.reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
  }

  private func statistic() throws -> PairStatistic {
    guard let statistic = PairStatistic(stat), statistic.isSymmetric else {
      throw ValidationError(
        "'\(stat)' is no symmetric value of a pair; use \(PairStatisticNames.all)."
      )
    }
    return statistic
  }
}
