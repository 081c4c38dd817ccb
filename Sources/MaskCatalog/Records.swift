public import MaskModel

/// A base as the catalog keeps it.
public struct BaseRecord: Sendable, Hashable, Identifiable {
  /// The row.
  public let id: Int64
  /// The digest of its content, 32 hexadecimal digits.
  public let digest: String
  /// Its tensors' row.
  public let layoutID: Int64
  /// The digest of its tensors' names and shapes, 32 hexadecimal digits.
  public let layoutDigest: String
  /// Where it was read from when it was first added.
  public let location: String
}

/// A run as the catalog keeps it.
public struct RunRecord: Sendable, Hashable, Identifiable {
  /// The row.
  public let id: Int64
  /// The name, unique in the catalog.
  public let name: String
  /// The base that it started from.
  public let base: BaseRecord
  /// The digest of the fine-tuned content, 32 hexadecimal digits; of the bits, where it has a mask
  /// that no checkpoint was compared for.
  public let digest: String
  /// Where it was read from; of a derived mask's run, the expression.
  public let location: String
  /// When it was added, ISO 8601 in UTC.
  public let addedAt: String
  /// The latest value of every field, with its source.
  public let fields: [String: RunField]

  /// The value of field `key`, if any.
  public func value(_ key: String) -> String? { fields[key]?.value }
}

/// A mask that is whole, as the catalog keeps it.
public struct MaskRecord: Sendable, Hashable, Identifiable {
  /// The row.
  public let id: Int64
  /// What it is the mask of.
  public let run: RunRecord
  /// What "changed" means in it.
  public let definition: RecordedDefinition
  /// Whether its compare dtype is the one that the rule and the files give by default.
  public let isDefaultType: Bool
  /// The positions that were compared.
  public let compared: Int
  /// The positions that changed.
  public let count: Int
  /// The digest of its bits.
  public let digest: String
  /// The fine-tuned tensors that the base lacks.
  public let extraTensors: [SkippedTensor]
  /// What it was made from; nil where two checkpoints were compared.
  public let lineage: MaskLineage?

  /// `RUN@DEFINITION`, with `@DTYPE` where the compare dtype is not the default.
  public var name: String {
    let type = isDefaultType ? nil : definition.compareType?.rawValue
    return "\(run.name)@\(definition.rule)" + (type.map { "@\($0)" } ?? "")
  }
}

/// A tensor of a mask, as the catalog keeps it.
public struct MaskTensorRecord: Sendable, Hashable {
  /// The place in the layout.
  public let ordinal: Int
  /// The leading positions that were compared.
  public let compared: Int
  /// Why fewer positions were compared than the tensor has; nil where all were.
  public let reason: String?
  /// The dtype of the base's tensor, as its file names it.
  public let baseType: String
  /// The dtype of the fine-tuned tensor; nil where there is none.
  public let tunedType: String?
  /// What was counted.
  public let marginals: TensorMarginals

  /// A tensor of a mask.
  public init(
    ordinal: Int,
    compared: Int,
    reason: String?,
    baseType: String,
    tunedType: String?,
    marginals: TensorMarginals
  ) {
    self.ordinal = ordinal
    self.compared = compared
    self.reason = reason
    self.baseType = baseType
    self.tunedType = tunedType
    self.marginals = marginals
  }
}
