public import MaskModel

/// One tensor of a checkpoint: what it is and where its bytes are.
public struct StoredTensor: Sendable, Hashable {
  /// The name without the prefixes of wrappers, as Hugging Face checkpoints have it.
  public let name: String
  /// The name in the file.
  public let storedName: String
  /// The dimensions.
  public let shape: TensorShape
  /// The type of the elements.
  public let type: StoredType
  /// The file it is in, as an index into `Checkpoint.files`.
  public let fileIndex: Int
  /// Where its first byte is, counted from the start of the file.
  public let offset: Int
  /// The bytes it takes.
  public let byteCount: Int
  /// Whether it only serves to read another tensor, as the scales of fp8 weights do.
  public internal(set) var isAuxiliary = false
  /// Whether it is one of those auxiliary tensors that the values of another are made with.
  public internal(set) var isScale = false

  /// Whether it is a parameter that can be compared: of a float type, and no auxiliary tensor.
  public var isFloatParameter: Bool { type.float != nil && !isAuxiliary }
}
