internal import ArgumentParser
internal import ByteFormats
internal import Foundation
internal import MaskIngest
internal import MaskModel
internal import MaskQuery
internal import MaskReports

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show how sparse the update between two checkpoints is; keeps nothing.",
    discussion: """
      Examples:
        maskdb diff models/base runs/grpo-s0
        maskdb diff models/base runs/grpo-s0 --definition paper --definition numeric --by tensor
        maskdb diff models/base runs/grpo-s0 --json
      """
  )

  @Argument(help: "The checkpoint that was fine-tuned.")
  var base: String

  @Argument(help: "The fine-tuned checkpoint.")
  var finetuned: String

  @Flag(help: "Skip tensors that do not match the base instead of refusing the checkpoint.")
  var allowMismatch = false

  @OptionGroup var grouping: GroupingOptions
  @OptionGroup var definitions: DefinitionOptions
  @OptionGroup var threads: ThreadOptions
  // Taken by every command, so that scripts may pass it to all; `diff` asks no catalog.
  @OptionGroup(visibility: .hidden) var catalogs: CatalogsOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    guard try grouping.asked() == .tensor, !grouping.modules.isEmpty else { return }
    throw ValidationError("--module names modules, which --by tensor does not show; leave one out.")
  }

  func run() throws {
    let progress = ProgressBar("comparing", isQuiet: quiet.quiet)
    defer { progress.clear() }
    let options = try ComparisonOptions(
      definitions: definitions.requests(),
      compareType: definitions.compareType(),
      allowsMismatch: allowMismatch,
      threads: threads.count,
      environment: ProcessInfo.processInfo.environment
    )
    let diff = try CheckpointDiff(
      base: base,
      tuned: finetuned,
      options: options,
      progress: progress
    )
    progress.clear()
    if !quiet.quiet { diff.notes.tell() }
    let report = DiffReport(
      base: base,
      finetuned: finetuned,
      tensors: diff.layout.tensors,
      compared: diff.compared,
      skipped: diff.notes.skipped,
      results: diff.figures.map {
        DiffReport.Result(
          definition: $0.definition.rule.description,
          compareType: $0.definition.compareType.rawValue,
          counts: $0.counts
        )
      },
      patterns: try grouping.patterns(on: diff.layout.tensors)
    )
    let groupings = try grouping.by.map { _ in [try grouping.grouping(default: .module)] }
    try Output.print(
      output.json
        ? report.json.serialized(.pretty) : report.text(by: groupings ?? [.layer, .module])
    )
  }
}
