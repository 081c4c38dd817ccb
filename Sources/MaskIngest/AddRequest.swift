public import MaskModel

/// A fine-tuned checkpoint to add.
public struct AddItem: Sendable {
  /// A folder, a file, or `org/name[@revision]` in the Hugging Face cache.
  public var reference: String
  /// The name the user insists on; nil lets the folder and the catalog decide.
  public var name: String?
  /// What flags and the manifest say of the run; it outranks what its files say.
  public var fields: [RunField]

  /// The checkpoint at `reference`.
  public init(reference: String, name: String? = nil, fields: [RunField] = []) {
    self.reference = reference
    self.name = name
    self.fields = fields
  }
}

/// What to make masks of, and how.
public struct ComparisonOptions: Sendable {
  /// The definitions; each gives a mask of every checkpoint.
  public var definitions: [DefinitionRequest]
  /// The compare dtype of those that name none; nil for their defaults.
  public var compareType: FloatType?
  /// Whether tensors that do not match are skipped instead of refused.
  public var allowsMismatch: Bool
  /// Whether the binades of the base's weights are kept, for magnitude nulls and controls without it.
  public var keepsMagnitudes: Bool
  /// The threads to use.
  public var threads: Int
  /// The environment, for the Hugging Face cache.
  public var environment: [String: String]

  /// Options for `definitions`.
  public init(
    definitions: [DefinitionRequest],
    compareType: FloatType? = nil,
    allowsMismatch: Bool = false,
    keepsMagnitudes: Bool = false,
    threads: Int,
    environment: [String: String]
  ) {
    self.definitions = definitions
    self.compareType = compareType
    self.allowsMismatch = allowsMismatch
    self.keepsMagnitudes = keepsMagnitudes
    self.threads = threads
    self.environment = environment
  }
}

/// What is said of a checkpoint after it was added or compared.
public struct ComparisonNotes: Sendable {
  /// The checkpoint as it was named.
  public var reference: String
  /// Prefixes that were stripped, heads that are tied, and the like, each a sentence.
  public var notices: [String]
  /// The tensors that are not, or not wholly, compared.
  public var skipped: [SkippedTensor]
}

/// What became of one checkpoint.
public struct AddReport: Sendable {
  /// What there is to say of the checkpoint.
  public var notes: ComparisonNotes
  /// The run's name in the catalog.
  public var run: String
  /// The definitions of the masks that were added, with positions compared and changed.
  public var added: [AddedMask]
  /// The definitions of masks that were there already.
  public var known: [DefinitionChoice]
  /// What flags or a manifest say of the run and its record, which stays as it was, does not.
  public var unheeded: [RunField] = []
}

extension AddReport {
  /// That the run keeps what it records, whatever `fields` say.
  func refusal(of fields: [RunField]) -> String {
    let list = fields.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    return "\(run) keeps what it records, which is not \(list); `maskdb set` changes it"
  }

  /// What must be said even where no notes are asked for: that something asked for was not done.
  public var warning: String? { unheeded.isEmpty ? nil : refusal(of: unheeded) }
}

/// A mask that was added.
public struct AddedMask: Sendable, Hashable {
  /// Its definition.
  public var choice: DefinitionChoice
  /// The positions compared.
  public var compared: Int
  /// The positions that changed.
  public var count: Int
}
