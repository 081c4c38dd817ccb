internal import ArgumentParser
internal import ByteFormats
internal import MaskCatalog
internal import MaskQuery
internal import SystemPackage

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Hold the catalog against itself: checksums, counts against bits, constraints.",
    discussion: """
      Reads the whole file: SQLite's own checks, every segment's bits against checksum and count, the \
      counts per row and column recounted, the kept pair counts recounted, and the names, shapes, \
      dtypes, definitions and fields against the digests that were kept of them. Exits with 3 where \
      something is wrong.

      Examples:
        maskdb verify
        maskdb verify --catalog old.maskdb --json
      """
  )

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func run() async throws {
    let catalog = try catalog.open()
    let verification = Verification(catalog, counter: PairCounter(threads: threads.count))
    let isShown = !quiet.quiet && StandardError.isTerminal
    let problems = try await verification.problems { name in
      if isShown { StandardError.write("\rverifying \(name)\u{1B}[K") }
    }
    if isShown { StandardError.write("\r\u{1B}[K") }
    try Output.print(text(problems, catalog))
    if !problems.isEmpty { throw ExitCode(Failure.Code.catalog.rawValue) }
  }

  private static func praise(ofMasks count: Int) -> String {
    switch count {
    case 0: "it is whole, and has no mask"
    case 1: "its mask is whole"
    default: "all \(count) masks are whole"
    }
  }

  private func text(_ problems: [String], _ catalog: Catalog) throws -> String {
    if output.json {
      let report: JSONValue = [
        "schema": "maskdb.verify/1", "catalog": .string(catalog.path.string),
        "ok": .bool(problems.isEmpty), "problems": .array(problems.map { .string($0) }),
      ]
      return report.serialized(.pretty)
    }
    if problems.isEmpty {
      return "\(catalog.path): \(Self.praise(ofMasks: try catalog.masks().count))"
    }
    return problems.map { "\(catalog.path): \($0)" }.joined(separator: "\n")
  }
}
