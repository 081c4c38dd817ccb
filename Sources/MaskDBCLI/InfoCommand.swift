internal import ArgumentParser
internal import ByteFormats
internal import MaskCatalog
internal import MaskDB
internal import MaskModel
internal import SystemPackage

struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract:
      "Show versions, the kernel in use, how large the catalog is, and what a job would cost.",
    discussion: """
      MASKDB_KERNEL=scalar|avx2|avx512|neon forces a kernel.

      --estimate overlap or add tells what that command, given the same masks or checkpoints, --base, \
      --definition, --where and --allow-mixed, would read, hold in memory and add to the catalog, \
      which follows from headers and counts; and about how long it \
      would take, from a small part of the work that is done at once and thrown away. Nothing is \
      written.

      Examples:
        maskdb info
        maskdb info --json
        maskdb info --estimate overlap --where algorithm=grpo
        maskdb info --estimate add runs/* --base models/base
      """
  )

  @OptionGroup var estimate: EstimateOptions

  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    if let report = try estimated() {
      try Output.print(output.json ? report.json.serialized(.pretty) : report.text)
      return
    }
    let statistics = try openedStatistics()
    let report = InfoReport(path: catalog.path.string, statistics)
    try Output.print(output.json ? report.json.serialized(.pretty) : report.text)
  }

  /// What the job that is asked about would cost.
  private func estimated() throws -> EstimateReport? {
    let threads = estimate.threads.count
    switch estimate.job {
    case nil: return nil
    case .overlap:
      return EstimateReport(try estimate.overlap(in: catalog.open()), threads: threads)
    case .add:
      return EstimateReport(try estimate.add(to: openedCatalog()), threads: threads)
    }
  }

  /// Nil where there is none yet.
  private func openedCatalog() throws -> Catalog? {
    do {
      return try catalog.open()
    } catch let error as CatalogError where error.code == .missing {
      return nil
    }
  }

  /// Nil where no catalog was named and none is there: versions are asked for without one, too.
  private func openedStatistics() throws -> CatalogStatistics? {
    do {
      return try catalog.open().statistics()
    } catch let error as CatalogError where error.code == .missing && !catalog.isNamed {
      return nil
    }
  }
}

/// What `info` says.
private struct InfoReport {
  let path: String
  let statistics: CatalogStatistics?

  init(path: String, _ statistics: CatalogStatistics?) {
    self.path = path
    self.statistics = statistics
  }

  var json: JSONValue {
    [
      "schema": "maskdb.info/1", "version": .string(MaskDBRelease.version),
      "format_version": .integer(Catalog.formatVersion), "kernel": .string(Kernels.name),
      "kernels": .array(Kernels.available.map { .string($0) }),
      "libraries": [
        "sqlite": .string(Catalog.sqliteVersion), "zstd": .string(LibraryVersions.zstd),
        "roaring": .string(LibraryVersions.roaring),
      ],
      "catalog": statistics.map { catalog($0) } ?? .null,
    ]
  }

  private func catalog(_ statistics: CatalogStatistics) -> JSONValue {
    var segments = JSONObject()
    for (coding, number) in statistics.segments.sorted(by: { $0.key < $1.key }) {
      let name = SegmentCoding(rawValue: coding).map { "\($0)" } ?? "\(coding)"
      segments[name] = .integer(number)
    }
    return [
      "path": .string(path), "bytes": .integer(statistics.bytes),
      "segment_bytes": .integer(statistics.segmentBytes),
      "marginal_bytes": .integer(statistics.marginalBytes),
      "positions": .integer(statistics.positions), "bases": .integer(statistics.bases),
      "runs": .integer(statistics.runs), "masks": .integer(statistics.masks),
      "pairs": .integer(statistics.pairs), "segments": .object(segments),
    ]
  }

  var text: String {
    let versions = """
      maskdb \(MaskDBRelease.version), catalog format \(Catalog.formatVersion)
      kernel \(Kernels.name) of \(Kernels.available.joined(separator: ", "))
      SQLite \(Catalog.sqliteVersion), zstd \(LibraryVersions.zstd), CRoaring \(LibraryVersions.roaring)
      """
    guard let statistics else { return versions + "\nno catalog at \(path)" }
    let perPosition = Double(8 * statistics.segmentBytes) / Double(max(statistics.positions, 1))
    return versions + """

      \(path): \(statistics.bytes, of: "byte")
        \(statistics.bases, of: "base"), \(statistics.runs, of: "run"), \(statistics.masks, of: "mask"), \
      \(statistics.pairs, of: "pair") counted
        \(statistics.segmentBytes, of: "byte") of bits for \(statistics.positions, of: "position") \
      (\(rounded(perPosition)) bits each), \(statistics.marginalBytes) of counts
      """
  }

  private func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
