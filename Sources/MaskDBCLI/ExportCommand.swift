internal import ArgumentParser
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
      safetensors: one file with the model's tensor names and shapes, one bool a weight. roaring: a \
      folder with one portable .roaring file a tensor and a manifest.json. The polarity says what true \
      means and is written into the file. Masks save no memory in training by themselves.

      Examples:
        maskdb export grpo-s0 --format safetensors -o mask.safetensors
        maskdb export grpo-s0@bitwise --format safetensors -o frozen.safetensors --polarity frozen
        maskdb export 'grpo-s0 & grpo-s1' --format safetensors -o core.safetensors
        maskdb export dpo-s1 --format roaring -o dpo-s1-mask
      """
  )

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case safetensors
    case roaring
  }

  enum Polarity: String, ExpressibleByArgument, CaseIterable {
    case trainable
    case frozen

    var ofFile: MaskPolarity { self == .trainable ? .trainable : .frozen }
  }

  @Argument(
    help: ArgumentHelp(
      "A run, a mask RUN@DEFINITION[@DTYPE], or an expression as `maskdb derive` takes.",
      valueName: "run|mask|expr"
    )
  )
  var reference: String

  @Option(help: "The file format.")
  var format: Format

  @Option(name: [.short, .long], help: "The file, for roaring the folder, to write.")
  var output: String

  @Option(help: "What true means: that a weight is trainable (it changed), or frozen.")
  var polarity: Polarity = .trainable

  @Option(help: ArgumentHelp("The definition that a run stands for.", valueName: "rule"))
  var definition: String?

  @Flag(help: "Replace what an earlier export wrote.")
  var force = false

  @OptionGroup var base: BasePathOptions
  @OptionGroup var catalogs: CatalogsOptions
  @OptionGroup var quiet: QuietOptions

  func run() throws {
    let selection = MaskSelection(
      [reference],
      definition: try definition.map { try DefinitionRequest(option: $0) }
    )
    let catalogs = try catalogs.open()
    let masks = try selection.resolve(
      in: catalogs,
      evaluating: ExpressionEvaluator(
        catalogs,
        definition: selection.definition,
        basePath: base.path,
        environment: ProcessInfo.processInfo.environment,
        threads: PairCounter.activeProcessors
      )
    )
    guard masks.count == 1 else { throw SelectionError.several(reference, masks.map(\.id)) }
    let mask = masks[0]
    let reader = try mask.parameterReader()
    let progress = ProgressBar("writing", isQuiet: quiet.quiet)
    progress.expect(bytes: reader.layout.count)
    try write(reader, provenance(of: mask), progress)
    progress.clear()
    guard !quiet.quiet else { return }
    try Output.print("wrote \(output): \(mask.id), \(polarity.rawValue) where true")
  }

  private func write(
    _ reader: some MaskReader,
    _ provenance: MaskProvenance,
    _ progress: ProgressBar
  ) throws {
    let path = FilePath(output)
    switch format {
    case .safetensors:
      try BoolSafetensorsWriter(reader, provenance: provenance)
        .write(to: path, overwrite: force) { progress.advance(bytes: $0) }
    case .roaring:
      try RoaringExport(reader, provenance: provenance)
        .write(to: path, overwrite: force) { progress.advance(bytes: $0) }
    }
  }

  private func provenance(of mask: AskedMask) -> MaskProvenance {
    MaskProvenance(
      maskID: mask.id,
      definition: mask.summary.definition,
      compareType: mask.definition.compareType,
      base: mask.base.digest,
      toolVersion: MaskDBRelease.version,
      polarity: polarity.ofFile,
      extra: ["algorithm", "dataset", "seed", "step"].compactMap { key in
        mask.fields[key].map { (key, $0) }
      }
    )
  }
}
