public import ByteFormats

/// One tensor of a layout.
public struct TensorLayout: Sendable, Hashable {
  /// The canonical name, as Hugging Face checkpoints have it.
  public let name: String
  /// The dimensions.
  public let shape: TensorShape

  /// A tensor named `name` of `shape`.
  public init(name: String, shape: TensorShape) {
    self.name = name
    self.shape = shape
  }
}

/// The coordinate system of masks: a base's tensor names and shapes in natural order.
///
/// A position is a tensor and a row-major flat index in it. The order (`layers.2` before
/// `layers.10`) depends on names alone, so it is the same however a checkpoint is sharded.
public struct ModelLayout: Sendable, Hashable {
  /// The tensors in natural order of their names.
  public let tensors: [TensorLayout]

  /// Sorts `tensors`, whose names must differ.
  public init(_ tensors: [TensorLayout]) {
    self.tensors = tensors.sorted { NaturalOrder.precedes($0.name, $1.name) }
  }

  /// The positions of all tensors.
  public var count: Int { tensors.reduce(0) { $0 + $1.shape.count } }

  /// What two layouts share if and only if their names and shapes are equal.
  public var digest: ContentDigest {
    var hasher = ContentHasher()
    for tensor in tensors {
      hasher.update(text: tensor.name)
      hasher.update(integers: tensor.shape.dimensions)
    }
    return hasher.finish()
  }
}
