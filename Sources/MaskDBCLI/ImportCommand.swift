internal import ArgumentParser
internal import ByteFormats
internal import Checkpoints
internal import Foundation
internal import MaskCatalog
internal import MaskFiles
internal import MaskIngest
internal import MaskModel
internal import MaskReports
internal import SystemPackage

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Bring mask files of trainers into the catalog.",
    discussion: """
      Reads what `export` writes, and torch dictionaries of bool tensors, positions of delta weight \
      syncs, PEFT's SHiRA, composable-sft, and TALL's packed vectors. Names and shapes must be those of \
      the base. What true means is read from the file, else --polarity says it: LoTA's masks are \
      frozen. Several files are the steps of a run, such as a chain of deltas. A pickle is read \
      without executing anything.

      Examples:
        maskdb import mask.safetensors --base models/base --name colleague
        maskdb import 0.9_mask.pt --base models/base --polarity frozen --name lota --run-field seed=1
        maskdb import deltas/step_*.safetensors --base models/base --name grpo
        maskdb import mask.npy --format tall --base models/base --polarity trainable --name tall
      """
  )

  @Argument(help: "The mask files, or folders that export wrote.")
  var files: [String]

  @Option(help: "The checkpoint that the masks are over; default the only base of the catalog.")
  var base: String?

  @Option(help: "Refuse a file that is of another kind than this.")
  var format: MaskFile.Kind?

  @Option(help: "What true means, where the file does not say it: trainable or frozen.")
  var polarity: MaskPolarity?

  @Option(
    help: ArgumentHelp(
      "The dtype in which values were compared, where the file does not say it; the magnitude null "
        + "of its pairs needs one.",
      valueName: "dtype"
    )
  )
  var compareDtype: String?

  @Option(help: "The run's name; of several files, each with its number; default from the file.")
  var name: String?

  @Option(
    name: .customLong("run-field"),
    help: ArgumentHelp("A field of the run; may be repeated.", valueName: "key=value")
  )
  var runFields: [String] = []

  @Flag(help: "Leave tensors that the file lacks uncovered instead of refusing it.")
  var allowMissing = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if files.isEmpty { throw ValidationError("Name a mask file.") }
    _ = try compareType()
    let hasStep = try fields().contains { $0.key == "step" }
    if files.count > 1, hasStep {
      throw ValidationError("Several files are several steps; leave out --run-field step=.")
    }
    _ = try steps()
  }

  func run() throws {
    let catalog = try catalog.open(ifAbsent: .created)
    let progress = ProgressBar("importing", isQuiet: quiet.quiet)
    let importer = MaskImporter(
      to: catalog,
      base: try importBase(in: catalog),
      threads: threads.count,
      progress: progress
    )
    // Every file is opened before the first is kept.
    let opened = try files.map {
      try MaskFile(at: FilePath($0), kind: format, layout: importer.layout)
    }
    let steps = try steps()
    var reports: [ImportReport] = []
    do {
      for (index, file) in opened.enumerated() {
        defer { progress.clear() }
        let outcome = try importer.add(file, try request(index, step: steps[index]))
        reports.append(ImportReport(files[index], file.kind, outcome))
      }
    } catch {
      // What was imported before the failure is in the catalog, so it is said.
      if !reports.isEmpty { try tell(reports) }
      throw error
    }
    try tell(reports)
  }

  private func tell(_ reports: [ImportReport]) throws {
    if !quiet.quiet {
      for report in reports {
        for notice in report.notices { StandardError.note("\(report.file): \(notice)") }
      }
    }
    try Output.print(output.json ? reports.json.serialized(.pretty) : reports.text)
  }

  private func importBase(in catalog: Catalog) throws -> ImportBase {
    if let base {
      let environment = ProcessInfo.processInfo.environment
      return try ImportBase(
        Checkpoint(at: base, environment: environment),
        in: catalog,
        threads: threads.count
      )
    }
    let masks = try catalog.masks()
    guard let first = masks.first, Set(masks.map(\.run.base)).count == 1 else {
      throw ValidationError("Name the checkpoint that the masks are over with --base.")
    }
    return try ImportBase(of: first, in: catalog)
  }

  /// The step of each file, where several are the steps of a run.
  private func steps() throws -> [String?] {
    guard files.count > 1 else { return [nil] }
    let steps = files.enumerated().map { index, file in
      FilePath(file).stem.flatMap(Self.step) ?? "\(index + 1)"
    }
    for (step, places) in Dictionary(grouping: steps.indices, by: { steps[$0] }).sorted(
      by: { $0.value[0] < $1.value[0] }
    ) where places.count > 1 {
      throw ValidationError(
        "'\(files[places[0]])' and '\(files[places[1]])' are both step \(step) by their names; import "
          + "each on its own, with --run-field step=."
      )
    }
    return steps
  }

  private func request(_ index: Int, step: String?) throws -> ImportRequest {
    let stated = step.map { RunField(key: "step", value: $0, source: "file name") }
    return ImportRequest(
      reference: files[index],
      polarity: polarity,
      compareType: try compareType(),
      name: name.map { name in step.map { "\(name)-step\($0)" } ?? name },
      fields: try fields() + [stated].compactMap(\.self),
      allowsMissing: allowMissing
    )
  }

  /// The step that the name of a file says, else its last number.
  private static func step(in name: String) -> String? {
    let said = name.matches(of: #/(?:step|checkpoint)[-_]?(\d+)/#.ignoresCase()).last?.output.1
    let number = said ?? name.matches(of: #/\d+/#).last?.output
    return number.flatMap { Int($0) }.map { "\($0)" }
  }

  private func compareType() throws -> FloatType? {
    try compareDtype.map { try FloatType(compareOption: $0) }
  }

  private func fields() throws -> [RunField] {
    try runFields.map { try RunField(option: $0, source: "flag") }
  }
}

/// What became of one mask file.
struct ImportReport {
  let file: String
  let format: String
  let stored: StoreReport
  let notices: [CheckpointNotice]

  init(_ file: String, _ kind: MaskFile.Kind, _ outcome: ImportOutcome) {
    self.file = file
    format = kind.rawValue
    stored = outcome.stored
    notices = outcome.notices
  }
}

extension [ImportReport] {
  var text: String {
    map { report in
      let stored = report.stored
      let what =
        stored.isNew
        ? "imported \(stored.run) from \(report.file)"
        : "\(report.file) is in the catalog as \(stored.run)"
      return "\(what) (\(report.format)): \(stored.count) of \(stored.compared, of: "parameter")"
    }.joined(separator: "\n")
  }

  var json: JSONValue {
    [
      "schema": "maskdb.import/1",
      "imported": .array(
        map { report in
          [
            "file": .string(report.file), "format": .string(report.format),
            "run": .string(report.stored.run), "new": .bool(report.stored.isNew),
            "parameters": .integer(report.stored.compared), "count": .integer(report.stored.count),
            "digest": .string(report.stored.digest),
          ]
        }
      ),
    ]
  }
}
