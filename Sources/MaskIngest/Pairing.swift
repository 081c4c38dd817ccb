public import Checkpoints
public import MaskModel

/// How one tensor of the base meets the fine-tuned checkpoint.
public struct TensorPair: Sendable, Hashable {
  /// The base's tensor.
  public let base: StoredTensor
  /// The fine-tuned tensor of the same name, if any.
  public let tuned: StoredTensor?
  /// The leading positions to compare; 0 where the tensor is skipped.
  public let compared: Int
  /// Why fewer positions are compared than the base has; nil where all are.
  public let reason: String?
}

/// A base and a fine-tuned checkpoint joined by the names of their tensors, never by file.
public struct Pairing: Sendable {
  /// The base's tensors: the coordinate system.
  public let layout: ModelLayout
  /// One pair for every tensor of the layout.
  public let pairs: [TensorPair]
  /// The fine-tuned tensors that the base lacks.
  public let extra: [SkippedTensor]

  /// The positions compared.
  public var compared: Int { pairs.reduce(0) { $0 + $1.compared } }

  /// Every tensor that is not wholly compared, and every one the base lacks.
  public var skipped: [SkippedTensor] {
    pairs.compactMap { pair in
      pair.reason.map { SkippedTensor(name: pair.base.name, reason: $0) }
    } + extra
  }

  /// The float dtypes of the tensors that are compared, on both sides.
  public var storedTypes: Set<FloatType> {
    Set(
      pairs.lazy.filter { $0.compared > 0 }.flatMap { pair in
        [pair.base.type.float, pair.tuned?.type.float].compactMap(\.self)
      }
    )
  }
}
