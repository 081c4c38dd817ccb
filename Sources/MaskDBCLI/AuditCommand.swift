internal import ArgumentParser
internal import ByteFormats
internal import Checkpoints
internal import Foundation
internal import MaskCatalog
internal import MaskFiles
internal import MaskIngest
internal import MaskModel
internal import MaskQuery
internal import MaskReports
internal import SystemPackage

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Check that masked training moved nothing outside of its mask.",
    discussion: """
      Compares TRAINED with BASE bit by bit, in the dtype of TRAINED. Ends with 1 if a weight outside of \
      the mask moved, and names the first, if TRAINED has weights that BASE lacks, or if a tensor of no \
      float type, which no mask has, is not the same bytes. With --reference it \
      also says how far the weights are those of another run, such as the full one that the mask was made \
      of. The mask is one of the catalog, or an exported file.

      Examples:
        maskdb audit --mask grpo-s0 --base models/base --trained runs/masked
        maskdb audit --mask mask.safetensors --base models/base --trained runs/masked
        maskdb audit --mask grpo-s0 --base models/base --trained runs/masked --reference runs/grpo-s0
      """
  )

  @Option(help: "A run, a mask RUN@DEFINITION[@DTYPE], an expression, or a mask file.")
  var mask: String

  @Option(help: "The checkpoint that training began with.")
  var base: String

  @Option(help: "The checkpoint that came of it.")
  var trained: String

  @Option(help: "Another checkpoint, to say how far the weights agree.")
  var reference: String?

  @Option(help: "What true means in a mask file that does not say it.")
  var polarity: MaskPolarity?

  @Option(help: ArgumentHelp("The definition that a run stands for.", valueName: "rule"))
  var definition: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var catalogs: CatalogsOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var quiet: QuietOptions

  func run() throws {
    let base = try open(self.base)
    let trained = try open(self.trained)
    let (reader, asked) = try maskReader(base)
    let progress = ProgressBar("comparing", isQuiet: quiet.quiet)
    progress.expect(bytes: reader.layout.count)
    defer { progress.clear() }
    let audit = try Audit(
      reader,
      base: base,
      trained: trained,
      reference: try reference.map(open),
      threads: threads.count
    ) { progress.advance(bytes: $0) }
    progress.clear()
    if !quiet.quiet {
      tell(noticesOf: [(self.base, base), (self.trained, trained)])
      try note(audit, of: asked, base)
    }
    try tell(audit)
    if !audit.isKept { throw ExitCode(Failure.Code.notFound.rawValue) }
  }

  /// Says what was stripped, tied or left out of the checkpoints.
  private func tell(noticesOf checkpoints: [(reference: String, checkpoint: Checkpoint)]) {
    for (reference, checkpoint) in checkpoints {
      // Those of no float type are compared here, if by their bytes alone.
      for notice in checkpoint.notices where !notice.isAboutTypes {
        StandardError.note("\(reference): \(notice)")
      }
    }
  }

  /// Says what may be a mistake: nothing moved at all, or a base that is not the one that the catalog
  /// made the mask of.
  private func note(_ audit: Audit, of mask: AskedMask?, _ base: Checkpoint) throws {
    if audit.inside > 0, audit.changedInside == 0 {
      StandardError.note(
        "no weight inside of the mask moved either; are --base and --trained right?"
      )
    }
    guard let mask, let catalog = mask.places.first?.catalog else { return }
    let digest = try CheckpointContent.digest(of: base, knownBy: catalog, threads: threads.count)
    guard digest.description != mask.base.digest else { return }
    StandardError.note(
      "\(self.base): this is not the base that \(mask.id) was made of; what the mask says of another one "
        + "may mean nothing"
    )
  }

  private func tell(_ audit: Audit) throws {
    if !audit.rounded.isEmpty, !quiet.quiet {
      let more = audit.rounded.count > 1 ? " and \(audit.rounded.count - 1, of: "more tensor")" : ""
      StandardError.note(
        "\(trained): compared in its own dtype, which is not exact for the base: \(audit.rounded[0])\(more); "
          + "drift of master weights below its steps cannot be seen here"
      )
    }
    let report = AuditReport(
      audit,
      mask: mask,
      base: base,
      trained: trained,
      reference: reference
    )
    try Output.print(output.json ? report.json.serialized(.pretty) : report.text)
  }

  private func open(_ reference: String) throws -> Checkpoint {
    try Checkpoint(at: reference, environment: ProcessInfo.processInfo.environment)
  }

  /// The mask of the catalog that is named, else the file.
  private func maskReader(
    _ base: Checkpoint
  ) throws -> (reader: any MaskReader, asked: AskedMask?) {
    do {
      let asked = try catalogs.mask(
        mask,
        definition: definition,
        basePath: self.base,
        threads: threads.count
      )
      guard polarity == nil else {
        throw UnfitOption(
          description: "'\(mask)' is a mask of the catalog, whose weights are trainable; leave out "
            + "--polarity, which is for mask files"
        )
      }
      return (try asked.reader(), asked)
    } catch  where Folder.kind(of: FilePath(mask)) != nil && Self.isAboutTheName(error) {
      guard definition == nil else {
        throw UnfitOption(
          description:
            "'\(mask)' is a mask file, which is one mask; leave out --definition, which is for "
            + "runs of the catalog"
        )
      }
      let tensors = BaseTensors(of: base)
      let imported = try ImportedMask(
        MaskFile(at: FilePath(mask), layout: tensors.layout),
        over: tensors.layout,
        polarity: polarity,
        uncovered: tensors.uncovered,
        allowsMissing: true
      )
      return (try imported.counted(), nil)
    }
  }

  /// Whether the catalog, if there is one, has nothing to do with what was named.
  private static func isAboutTheName(_ error: any Error) -> Bool {
    if let error = error as? CatalogError { return error.code == .missing }
    return error is SelectionError || error is ExpressionError
  }
}
