internal import ArgumentParser
internal import Foundation
internal import MaskCatalog
internal import MaskDB
internal import MaskQuery
internal import MaskReports

struct OverlapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overlap",
    abstract: "Show how any two of the masks overlap, and whether that is above random.",
    discussion: """
      Counts are exact and kept, so that asking again reads no bits. A null keeps what its name says \
      and is random otherwise: global, tensor, row, column, row_column, magnitude. Lift is the overlap \
      over that of the null; its ceiling differs from pair to pair, so compare `attained`, the share of \
      the way from the expected overlap to the largest possible one.

      Examples:
        maskdb overlap
        maskdb overlap grpo-s0 grpo-s1 dpo-s0 --null global --null magnitude
        maskdb overlap --definition bitwise --where algorithm=grpo --json
        maskdb overlap --format svg -o overlap.svg
        maskdb overlap --format png --value attained:magnitude -o attained.png
        maskdb overlap --format csv --value coverage > coverage.csv
        maskdb overlap --format npz -o overlap.npz
        maskdb overlap --threshold 0.5 --top 20
      """
  )

  @OptionGroup var selection: SelectionOptions

  @Option(
    name: .customLong("null"),
    help: ArgumentHelp(
      "A null to compute; may be repeated. Default: all; tables show global and magnitude.",
      valueName: "name"
    )
  )
  var nullNames: [String] = []

  @Option(
    help: ArgumentHelp(
      "Compare masks that differ in definition, dtype or base all the same.",
      valueName: "what"
    )
  )
  var allowMixed: [String] = []

  @OptionGroup var screening: ScreenOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var output: OverlapFormatOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    _ = try nulls()
    _ = try mixtures()
  }

  func run() async throws {
    let format = try output.format()
    try Output.checkPlace(isBinary: format.isBinary, path: output.output)
    let catalog = try catalog.open()
    let masks = try selection.resolve(in: catalog)
    try Compatibility.check(masks, allowing: mixtures())
    guard masks.count > 1 else { throw SelectionError.noPair(of: masks.map(\.name)) }
    let file = try await file(of: masks, in: catalog)
    try Output.write(file.bytes(format), to: output.output)
  }

  /// The answer, with all that is needed to write it.
  private func file(of masks: [MaskRecord], in catalog: Catalog) async throws -> OverlapFile {
    let value = try output.value()
    let asked = try nulls()
    let computed = (asked ?? Null.allCases) + [value.null].compactMap(\.self)
    return OverlapFile(
      try await report(on: masks, in: catalog, nulls: computed),
      value: value,
      tableNulls: asked ?? OverlapReport.tableNulls,
      rowLimit: table.limit,
      hasComments: output.csvComments,
      version: MaskDBRelease.version
    )
  }

  /// The pairs that are shown, and how many are not.
  private func report(
    on masks: [MaskRecord],
    in catalog: Catalog,
    nulls: [Null]
  ) async throws -> OverlapReport {
    let summaries = try MaskSummary.all(of: masks, in: catalog)
    let screen = screening.screen
    let count = MaskPair.all(of: masks.count).count
    let candidates = screen.candidates(among: summaries)
    let pairs = try await pairs(of: masks, candidates, in: catalog, nulls: nulls)
    let (shown, omitted) = screen.apply(to: pairs, of: count)
    guard !shown.isEmpty else { throw SelectionError.noPair(of: count, passing: screen) }
    if omitted.count > 0, !quiet.quiet { StandardError.note(omitted.sentence) }
    return OverlapReport(masks: summaries, pairs: shown, nulls: nulls, omitted: omitted)
  }

  private func pairs(
    of masks: [MaskRecord],
    _ candidates: [MaskPair],
    in catalog: Catalog,
    nulls: [Null]
  ) async throws -> [PairOverlap] {
    let query = OverlapQuery(
      catalog,
      counter: PairCounter(threads: threads.count),
      nulls: nulls,
      environment: ProcessInfo.processInfo.environment
    )
    let bar = ProgressBar("counting", of: .tiles, isQuiet: quiet.quiet)
    let keeper = PairKeeper(catalog, isQuiet: quiet.quiet)
    let pairs = try await query.pairs(
      of: masks,
      among: candidates,
      progress: { bar.set(done: $0.done, of: $0.total) },
      keep: keeper.keep
    )
    bar.clear()
    return pairs
  }

  /// The nulls that are named; nil for the default.
  private func nulls() throws -> [Null]? {
    let nulls = try nullNames.flatMap { $0.split(separator: ",") }.map { name in
      guard let null = Null(rawValue: String(name)) else {
        let names = Null.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("'\(name)' is no null; use \(names).")
      }
      return null
    }
    return nulls.isEmpty ? nil : nulls
  }

  private func mixtures() throws -> Set<Mixture> {
    Set(
      try allowMixed.flatMap { $0.split(separator: ",") }.map { name in
        guard let mixture = Mixture(rawValue: String(name)) else {
          throw ValidationError("--allow-mixed takes definition, dtype or base, not '\(name)'.")
        }
        return mixture
      }
    )
  }
}

/// Keeps pair counts in a catalog that may not be writable.
private struct PairKeeper {
  private let catalog: Catalog
  private let isQuiet: Bool

  init(_ catalog: Catalog, isQuiet: Bool) {
    self.catalog = catalog
    self.isQuiet = isQuiet
  }

  /// Keeps `pairs`, or says that they will be counted again.
  func keep(_ pairs: [PairCount]) {
    do {
      try catalog.keep(pairs)
    } catch {
      guard !isQuiet else { return }
      StandardError.note("the counts are not kept and will be counted again: \(error)")
    }
  }
}
