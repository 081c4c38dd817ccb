internal import ByteFormats
public import Checkpoints
public import MaskCatalog
public import MaskFiles
public import MaskModel
internal import SystemPackage

/// What to import and how.
public struct ImportRequest: Sendable {
  /// The mask file, as it was named.
  public var reference: String
  /// What the set positions mean, where the file does not say it.
  public var polarity: MaskPolarity?
  /// The dtype in which values were compared, where the file does not say it.
  public var compareType: FloatType?
  /// The name of the run that is made; nil takes one from the file.
  public var name: String?
  /// What is known of the training.
  public var fields: [RunField]
  /// Whether tensors that the file lacks are left uncovered.
  public var allowsMissing: Bool

  /// A request for the file `reference`.
  public init(
    reference: String,
    polarity: MaskPolarity? = nil,
    compareType: FloatType? = nil,
    name: String? = nil,
    fields: [RunField] = [],
    allowsMissing: Bool = false
  ) {
    self.reference = reference
    self.polarity = polarity
    self.compareType = compareType
    self.name = name
    self.fields = fields
    self.allowsMissing = allowsMissing
  }
}

/// What an import stored.
public struct ImportOutcome: Sendable {
  /// The mask.
  public let stored: StoreReport
  /// What a reader of the file should know.
  public let notices: [CheckpointNotice]
}

/// Brings mask files into a catalog.
public struct MaskImporter: Sendable {
  private let base: ImportBase
  private let storer: MaskStorer

  /// An importer of masks over `base` to `catalog`.
  public init(
    to catalog: Catalog,
    base: ImportBase,
    threads: Int,
    progress: any ProgressReporter
  ) {
    self.base = base
    storer = MaskStorer(to: catalog, threads: threads, progress: progress)
  }

  /// The coordinate system.
  public var layout: ModelLayout { base.tensors.layout }

  /// Lays `file` over the base, reads it once, and keeps it as the mask of a new run.
  ///
  /// Every byte is checked as it is read; of a file that is no mask, or whose manifest states other
  /// counts, nothing is kept.
  ///
  /// - Throws: `MaskImportError` where names, shapes, polarity or content do not fit; what storing
  ///   throws.
  public func add(_ file: MaskFile, _ request: ImportRequest) throws -> ImportOutcome {
    let mask = try ImportedMask(
      file,
      over: layout,
      polarity: request.polarity,
      uncovered: base.tensors.uncovered,
      allowsMissing: request.allowsMissing
    )
    try checkBase(of: file)
    let domain = domain(of: mask)
    let definition = try definition(of: file, request)
    let fields = try fields(of: file, request)
    try refuseZeros(in: file, fields)
    var made = MadeMask(
      reader: mask,
      domain: domain,
      binades: try definition.compareType.flatMap {
        try base.binades(as: $0, for: domain, in: storer.catalog)
      },
      definition: definition,
      lineage: lineage(of: file, request),
      base: base.origin,
      name: request.name,
      suggestedNames: suggestedNames(for: file),
      fields: fields
    )
    made.check = { try mask.check(counts: $0) }
    return ImportOutcome(stored: try storer.store(made), notices: mask.notices)
  }

  /// Refuses a file that names another base.
  private func checkBase(of file: MaskFile) throws(MaskImportError) {
    guard let stated = file.metadata["base"], stated != base.digest.description else { return }
    throw MaskImportError(
      file.path,
      "it was made of a base with digest \(stated), and this has \(base.digest); name that base"
    )
  }

  private func domain(of mask: ImportedMask) -> [TensorDomain] {
    layout.tensors.indices.map { index in
      TensorDomain(
        compared: mask.compared[index],
        reason: mask.reasons[index],
        baseType: base.tensors.types[index],
        tunedType: nil
      )
    }
  }

  /// The rule and compare dtype that an export of ours names; else no rule is known, and what the
  /// user says is the dtype.
  private func definition(
    of file: MaskFile,
    _ request: ImportRequest
  ) throws(MaskImportError) -> RecordedDefinition {
    let isOurs = file.metadata["maskdb_version"] != nil
    let text = isOurs ? file.metadata["compare_dtype"] : nil
    let stated = text.flatMap(FloatType.init(rawValue:))
    if let text, stated?.isComparable != true {
      throw MaskImportError(
        file.path,
        "it says that values were compared in '\(text)', which is no compare dtype; export it again"
      )
    }
    if let stated, let said = request.compareType, said != stated {
      throw MaskImportError(
        file.path,
        "it says that values were compared in \(stated.rawValue); leave out --compare-dtype"
      )
    }
    let rule = isOurs ? file.metadata["definition"].flatMap { try? ChangeRule(parsing: $0) } : nil
    guard let rule, let stated else {
      return RecordedDefinition(rule: .imported, compareType: stated ?? request.compareType)
    }
    return RecordedDefinition(rule: .rule(rule), compareType: stated)
  }

  /// Refuses texts to be kept that SQLite would take to end early.
  private func refuseZeros(in file: MaskFile, _ fields: [RunField]) throws(MaskImportError) {
    if let flaw = fields.lazy.compactMap(\.flaw).first { throw MaskImportError(file.path, flaw) }
    let texts = file.skipped.map(\.reason) + [file.metadata["mask"]].compactMap(\.self)
    guard texts.allSatisfy({ !$0.utf8.contains(0) }) else {
      throw MaskImportError(file.path, "its metadata have the character U+0000; take it out")
    }
  }

  private func lineage(of file: MaskFile, _ request: ImportRequest) -> MaskLineage {
    var details = ["format": file.kind.rawValue]
    let polarity = request.polarity ?? file.polarity
    details["polarity"] = polarity?.rawValue
    details["mask"] = file.metadata["mask"]
    return .imported(from: request.reference, details: details)
  }

  /// The run that an export of ours names, then the file's own name.
  private func suggestedNames(for file: MaskFile) -> [String] {
    let run = file.metadata["mask"]?.split(separator: "@").first.map(String.init)
    return [run, file.path.stem].compactMap { $0.map(RunName.made) }
  }

  /// Flags before what the file says.
  private func fields(
    of file: MaskFile,
    _ request: ImportRequest
  ) throws(MaskImportError) -> [RunField] {
    var fields = request.fields
    let stated = Set(fields.map(\.key))
    for key in ["algorithm", "dataset", "seed", "step"] where !stated.contains(key) {
      guard let value = file.metadata[key] else { continue }
      let field = RunField(key: key, value: value, source: "mask file")
      guard field.isWhole else {
        throw MaskImportError(
          file.path,
          "its metadata '\(key)' is no whole number; say another with --run-field \(key)="
        )
      }
      fields.append(field)
    }
    return fields
  }
}
