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
        maskdb export dpo-s1 --format roaring -o dpo-s1-mask
      """
  )

  @Argument(help: ArgumentHelp("A run, or a mask RUN@DEFINITION[@DTYPE].", valueName: "run|mask"))
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

  @Option(help: "For --names model: the base checkpoint; default where it was when it was added.")
  var base: String?

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
  @OptionGroup var catalog: CatalogOptions
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
    let catalog = try catalog.open()
    let selection = MaskSelection(
      [reference],
      definition: try definition.map { try DefinitionRequest(option: $0) }
    )
    let masks = try selection.resolve(in: catalog.masks())
    guard masks.count == 1 else { throw SelectionError.several(reference, masks.map(\.name)) }
    let mask = masks[0]
    let progress = ProgressBar("writing", isQuiet: quiet.quiet)
    let export = try export(of: mask, in: catalog, progress)
    try export.write(to: FilePath(output), overwrite: force) { progress.advance(bytes: $0) }
    progress.clear()
    guard !quiet.quiet else { return }
    try Output.print("wrote \(output): \(mask.name), \(polarity.rawValue) where true")
  }

  private func export(
    of mask: MaskRecord,
    in catalog: Catalog,
    _ progress: ProgressBar
  ) throws -> MaskExport {
    let reader = try catalog.parameterReader(of: mask)
    let names = try tensors.chosen(of: reader.layout) {
      try Checkpoint(at: base ?? mask.run.base.location, environment: environment)
    }
    let chosen = SelectedReader(reader) { names.names[$0.name] }
    progress.expect(bytes: chosen.layout.count)
    return MaskExport(
      chosen,
      as: format,
      provenance: try provenance(of: mask, in: catalog, names: names),
      shardSize: shardSize?.bytes,
      values: try values(of: mask, in: catalog, names: names)
    )
  }

  private var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// The fine-tuned values, once it is known that they are those of the run.
  private func values(
    of mask: MaskRecord,
    in catalog: Catalog,
    names: ExportedNames
  ) throws -> MaskValues? {
    guard let tuned else { return nil }
    let checkpoint = try Checkpoint(at: tuned, environment: environment)
    let digest = try CheckpointContent.digest(of: checkpoint, knownBy: catalog)
    guard digest.description == mask.run.digest else {
      throw WrongCheckpoint(reference: tuned, run: mask.run.name, location: mask.run.location)
    }
    let stored = Dictionary(uniqueKeysWithValues: names.names.map { ($1, $0) })
    return MaskValues(checkpoint) { stored[$0] ?? $0 }
  }
}
