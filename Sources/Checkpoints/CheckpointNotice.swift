/// Something a reader of a checkpoint should know, which is no error.
public enum CheckpointNotice: Sendable, Hashable {
  /// A wrapper's prefix was taken off this many names, for example off this one.
  case prefixStripped(prefix: String, count: Int, example: String)
  /// The head is left out, because it is the bytes of the embedding and config.json ties it to that, or
  /// does not say.
  case tiedHeadDropped(head: String, embedding: String, isStated: Bool)
  /// The head is a tensor of its own, though config.json ties it to the embedding, for its bytes differ.
  case headNotTied(head: String, embedding: String)
  /// Tensors of a type that is not compared.
  case nonFloatTensors(type: StoredType, names: [String])
  /// Tensors that only serve to read others, as the scales of fp8 weights.
  case auxiliaryTensors(names: [String])
  /// The scales of weights that are stored as integers, neither of which are compared.
  case packedScales(names: [String])
  /// fp8 tensors without scales: their values are read as they are stored.
  case unscaledTensors(names: [String])
  /// Files of weights in the same folder that were not read.
  case otherWeightsIgnored(files: [String])
  /// One file of a sharded checkpoint was opened alone.
  case partOfCheckpoint(file: String)
  /// A file beside the weights, or a field in it, that could not be understood.
  case fieldIgnored(file: String, field: String?, problem: String)

  /// Whether it is about tensors whose type is not compared, of which a comparison says more.
  public var isAboutTypes: Bool {
    if case .nonFloatTensors = self { true } else { false }
  }
}
