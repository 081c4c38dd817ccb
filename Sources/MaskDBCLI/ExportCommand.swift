internal import ArgumentParser
internal import Checkpoints
internal import Foundation
internal import MaskCatalog
internal import MaskDB
internal import MaskFiles
internal import MaskIngest
internal import MaskModel
internal import MaskQuery
internal import SystemPackage

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a mask for trainers.",
    discussion: """
      safetensors: the model's names and shapes, one bool a weight. pt: torch.save of a dictionary of \
      bool tensors. npz: numpy arrays. packed: safetensors in the order of numpy.packbits. indices: \
      flat positions, <name>.indices. delta: these with <name>.values from the checkpoint --tuned. \
      roaring: a folder with one portable bitmap a tensor. The polarity says what true means and is \
      written into the file; a manifest is written beside it. Masks save no memory in training by \
      themselves.

      Examples:
        maskdb export grpo-s0 --format safetensors -o mask.safetensors
        maskdb export grpo-s0@bitwise --format pt -o frozen.pt --polarity frozen
        maskdb export dpo-s1 --format safetensors -o shards --shard-size 5GB --exclude '*norm*'
        maskdb export grpo-s0@bitwise --format delta -o delta.safetensors --tuned runs/grpo-s0
        maskdb export 'grpo-s0 & grpo-s1' --format safetensors -o core.safetensors
        maskdb export dpo-s1 --format roaring -o dpo-s1-mask
      """
  )

  @Argument(
    help: ArgumentHelp(
      "A run, a mask RUN@DEFINITION[@DTYPE], or an expression as `maskdb derive` takes.",
      valueName: "run|mask|expr"
    )
  )
  var reference: String

  @Option(help: "The file format.")
  var format: MaskFormat

  @Option(name: [.short, .long], help: "The file, or for roaring and shards the folder, to write.")
  var output: String

  @Option(help: "What true means: that a weight is trainable (it changed), or frozen.")
  var polarity: MaskPolarity = .trainable

  @Option(help: ArgumentHelp("The definition that a run stands for.", valueName: "rule"))
  var definition: String?

  @Option(help: "For delta: the fine-tuned checkpoint that the mask was made of.")
  var tuned: String?

  @Option(
    help: ArgumentHelp(
      "Cut safetensors into files of at most this much, such as 5GB, in a folder with an index.",
      valueName: "size"
    )
  )
  var shardSize: ByteSize?

  @Flag(help: "Replace what an earlier export wrote.")
  var force = false

  @OptionGroup var tensors: ExportTensorOptions
  @OptionGroup var base: BasePathOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalogs: CatalogsOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    if (format == .delta) != (tuned != nil) {
      throw ValidationError("--format delta and --tuned CHECKPOINT go together.")
    }
    if format == .delta, polarity == .frozen {
      throw ValidationError("A delta holds the weights that changed; leave out --polarity frozen.")
    }
    if shardSize != nil, !format.isSafetensors {
      throw ValidationError("--shard-size cuts safetensors, packed, indices and delta files.")
    }
  }

  func run() throws {
    let mask = try catalogs.mask(
      reference,
      definition: definition,
      basePath: base.path,
      threads: threads.count
    )
    let progress = ProgressBar("writing", isQuiet: quiet.quiet)
    defer { progress.clear() }
    let export = try export(of: mask, progress)
    try export.write(to: FilePath(output), overwrite: force) { progress.advance(bytes: $0) }
    progress.clear()
    guard !quiet.quiet else { return }
    if tuned != nil, mask.definition.rule != .rule(.bitwise) {
      StandardError.note(
        "\(output): the weights that changed by \(mask.definition.rule); applied to the base they give back "
          + "all of the checkpoint only where those are all that changed, as those of bitwise are"
      )
    }
    try Output.print("wrote \(output): \(mask.id), \(polarity.rawValue) where true")
  }

  private func export(of mask: AskedMask, _ progress: ProgressBar) throws -> MaskExport {
    let reader = try mask.parameterReader()
    let names = try tensors.chosen(of: reader.layout) {
      try Checkpoint(at: base.path ?? mask.base.record.location, environment: environment)
    }
    let chosen = SubsetReader(reader) { names.names[$0.name] }
    progress.expect(bytes: chosen.layout.count)
    return MaskExport(
      chosen,
      as: format,
      provenance: try provenance(of: mask, names: names),
      shardSize: shardSize?.bytes,
      values: try values(of: mask, names: names)
    )
  }

  private var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// The fine-tuned values, once it is known that they are those of the run.
  private func values(of mask: AskedMask, names: ExportedNames) throws -> MaskValues? {
    guard let tuned else { return nil }
    guard let place = mask.places.first, place.record.lineage == nil else {
      throw UnfitOption(
        description:
          "\(mask.id) is not of one checkpoint, whose weights a delta would hold; export it in "
          + "another format"
      )
    }
    let run = place.record.run
    let checkpoint = try Checkpoint(at: tuned, environment: environment)
    let digest = try CheckpointContent.digest(
      of: checkpoint,
      knownBy: place.catalog,
      threads: threads.count
    )
    guard digest.description == run.digest else {
      throw WrongCheckpoint(reference: tuned, run: run.name, location: run.location)
    }
    let stored = Dictionary(uniqueKeysWithValues: names.names.map { ($1, $0) })
    return MaskValues(checkpoint) { stored[$0] ?? $0 }
  }
}
