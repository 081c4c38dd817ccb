internal import ArgumentParser
internal import ByteFormats
internal import Foundation
internal import MaskCatalog
internal import MaskIngest
internal import MaskModel
internal import MaskReports
internal import SystemPackage

struct AddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Compare fine-tuned checkpoints with their base and keep the masks.",
    discussion: """
      FINETUNED and BASE are folders or files of safetensors, single or sharded, or org/name[@revision] \
      in the local Hugging Face cache. All are read once, side by side. What run.json, \
      trainer_state.json, training_args.bin, README.md and config.json say of a run is taken where no \
      flag says otherwise.

      Examples:
        maskdb add runs/grpo-s0 --base models/base
        maskdb add runs/* --base models/base --definition paper --definition bitwise
        maskdb add ckpt --base org/model@main --name dpo-1 --algorithm dpo --dataset mix --seed 1
        maskdb add --manifest runs.json
      """
  )

  @Argument(help: ArgumentHelp("The fine-tuned checkpoints.", valueName: "finetuned"))
  var finetuned: [String] = []

  @Option(help: "The checkpoint that they were fine-tuned from.")
  var base: String?

  @Option(help: "The run's name; default what run.json or README.md says, else the folder's name.")
  var name: String?

  @Option(help: "What the run was trained with, such as grpo.")
  var algorithm: String?

  @Option(help: "What the run was trained on.")
  var dataset: String?

  @Option(parsing: .unconditional, help: "The run's random seed.")
  var seed: Int?

  @Option(parsing: .unconditional, help: "The training step of the checkpoint.")
  var step: Int?

  @Option(help: "A JSON file that lists runs, as Schemas/manifest.schema.json says.")
  var manifest: String?

  @Flag(help: "Skip tensors that do not match the base instead of refusing the checkpoint.")
  var allowMismatch = false

  @Flag(
    help: """
      Keep the binades of the base's weights, about 2.7 bits each and once a base and dtype, for \
      random masks by magnitude without the base's files.
      """
  )
  var keepMagnitudes = false

  @OptionGroup var definitions: DefinitionOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalog: CatalogOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if manifest == nil, finetuned.isEmpty {
      throw ValidationError("Name a fine-tuned checkpoint, or a --manifest.")
    }
    if manifest != nil, !finetuned.isEmpty {
      throw ValidationError("Name checkpoints or a --manifest, not both.")
    }
    if manifest == nil, base == nil {
      throw ValidationError("Name the checkpoint that the runs were fine-tuned from with --base.")
    }
    if name != nil, finetuned.count != 1 {
      throw ValidationError("--name names one run; leave it out to add several.")
    }
  }

  func run() throws {
    let jobs = try self.jobs()
    let progress = ProgressBar("comparing", isQuiet: quiet.quiet)
    let options = try ComparisonOptions(
      definitions: definitions.requests(),
      compareType: definitions.compareType(),
      allowsMismatch: allowMismatch,
      keepsMagnitudes: keepMagnitudes,
      threads: threads.count,
      environment: ProcessInfo.processInfo.environment
    )
    let adder = MaskAdder(
      to: try catalog.open(ifAbsent: .created),
      options: options,
      progress: progress
    )
    try add(jobs, by: adder, progress)
  }

  private func add(
    _ jobs: [RunManifest.Job],
    by adder: MaskAdder,
    _ progress: ProgressBar
  ) throws {
    var reports: [AddReport] = []
    do {
      for job in jobs {
        defer { progress.clear() }
        reports += try adder.add(job.items, base: job.base)
      }
    } catch {
      // What was added before the failure is in the catalog, so it is said.
      if !reports.isEmpty { try tell(reports) }
      throw error
    }
    try tell(reports)
  }

  private func tell(_ reports: [AddReport]) throws {
    for report in reports {
      if !quiet.quiet {
        report.notes.tell()
      } else if let warning = report.warning {
        StandardError.note("\(report.notes.reference): \(warning)")
      }
    }
    try Output.print(output.json ? reports.json.serialized(.pretty) : reports.text)
  }

  /// The bases with what is to be added to each.
  private func jobs() throws -> [RunManifest.Job] {
    if let manifest {
      return try RunManifest(at: FilePath(manifest)).jobs(base: base, fields: fields)
    }
    return [
      RunManifest.Job(
        base: base ?? "",
        items: finetuned.map { AddItem(reference: $0, name: name, fields: fields) }
      )
    ]
  }

  /// What the flags say of the run.
  private var fields: [RunField] {
    let values = [
      ("algorithm", algorithm), ("dataset", dataset), ("seed", seed.map(String.init)),
      ("step", step.map(String.init)),
    ]
    return values.compactMap { key, value in
      value.map { RunField(key: key, value: $0, source: "flag") }
    }
  }
}

extension ComparisonNotes {
  /// Says on stderr what was stripped, tied, resized or skipped.
  func tell() {
    for notice in notices { StandardError.note("\(reference): \(notice)") }
    for (reason, names) in skippedByReason {
      let shown = names.count == 1 ? names[0] : Self.list(names)
      StandardError.note("\(reference): \(shown): \(reason)")
    }
  }

  /// The names of the tensors by why they were skipped, each in the order of the first.
  private var skippedByReason: [(reason: String, names: [String])] {
    let names = Dictionary(grouping: skipped, by: \.reason).mapValues { $0.map(\.name) }
    var seen: Set<String> = []
    return skipped.map(\.reason).filter { seen.insert($0).inserted }.map { ($0, names[$0] ?? []) }
  }

  private static func list(_ names: [String]) -> String {
    let more = names.count > 3 ? ", ..." : ""
    return "\(names.count) tensors (\(names.prefix(3).joined(separator: ", "))\(more))"
  }
}
