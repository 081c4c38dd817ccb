internal import MaskCatalog
internal import MaskModel

/// One mask with what is recorded of its run, as questions about groups of runs see it.
public struct RunCase: Sendable, Hashable {
  /// The id of the mask.
  public let id: String
  /// The name of the run.
  public let run: String
  /// What is recorded of the run, but for its name and step; `base` is the digest of the base.
  public let fields: [String: String]
  /// What `fields` say, in texts that are equal where the values are (`FieldValue`).
  let values: [String: String]
  /// The training step, if it is recorded as a number.
  public let step: Int?
  /// The digest of the mask's bits; nil where it is not known.
  public let digest: String?
  /// Whether an expression made the mask, so that it is no run of its own.
  public let isDerived: Bool
  /// The folder that its checkpoint is in, where nothing is recorded that tells runs apart; else nil.
  ///
  /// Checkpoints of one folder are then steps of one run: those of others are not known to be.
  public let folder: String?

  /// The mask `id` with bits of `digest`, of a run with `fields` at `step`.
  public init(
    id: String,
    run: String,
    fields: [String: String],
    step: Int?,
    digest: String?,
    isDerived: Bool = false,
    folder: String? = nil
  ) {
    self.id = id
    self.run = run
    self.fields = fields.filter { !Self.exceptions.contains($0.key) }
    // A digest is no number, even where all its digits are decimal.
    values = self.fields.merging(
      self.fields.filter { $0.key != "base" }.mapValues(FieldValue.canonical)
    ) { $1 }
    self.step = step
    self.digest = digest
    self.isDerived = isDerived
    self.folder = self.fields.keys.contains { $0 != "base" } ? nil : folder
  }

  /// What `mask` is a case of.
  ///
  /// The base counts by its content: where it was read from is no difference between runs.
  public init(_ mask: AskedMask) {
    var fields = mask.fields
    fields["base"] = mask.base.digest
    self.init(
      id: mask.id,
      run: mask.summary.run,
      fields: fields,
      step: mask.summary.step,
      digest: mask.digest,
      isDerived: mask.isDerived,
      folder: mask.places.first.map { Self.folder(of: $0.record.run.location) }
    )
  }

  /// The folder of a path; the repository of `ID@COMMIT`.
  private static func folder(of location: String) -> String {
    let end = location.lastIndex(of: location.hasPrefix("/") ? "/" : "@")
    return String(end.map { location[..<$0] } ?? location[...])
  }

  /// The fields that do not tell runs apart: masks at several steps are masks of one run.
  static let exceptions: Set<String> = ["name", "step"]
}

extension [RunCase] {
  /// The fields that any of them records: algorithm, dataset and seed first, then by name.
  var recordedFields: [String] {
    Set(flatMap(\.fields.keys)).sorted {
      let (left, right) = (Self.rank($0), Self.rank($1))
      return left == right ? NaturalOrder.precedes($0, $1) : left < right
    }
  }

  private static func rank(_ field: String) -> Int {
    ["algorithm", "dataset", "seed"].firstIndex(of: field) ?? 3
  }
}
