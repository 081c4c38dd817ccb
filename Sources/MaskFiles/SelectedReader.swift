public import MaskModel

/// Some tensors of a mask, some under other names.
public struct SelectedReader: MaskReader {
  private let base: any MaskReader
  private let ordinals: [Int]
  /// The tensors that are left, in natural order of their new names.
  public let layout: ModelLayout

  /// The tensors of `base` to which `rename` gives a name; no two may get the same.
  public init(_ base: any MaskReader, rename: (TensorLayout) -> String?) {
    var places: [String: Int] = [:]
    var tensors: [TensorLayout] = []
    for (ordinal, tensor) in base.layout.tensors.enumerated() {
      guard let name = rename(tensor) else { continue }
      precondition(places.updateValue(ordinal, forKey: name) == nil, "two tensors of one name")
      tensors.append(TensorLayout(name: name, shape: tensor.shape))
    }
    self.base = base
    layout = ModelLayout(tensors)
    ordinals = layout.tensors.compactMap { places[$0.name] }
  }

  /// The set positions of tensor `tensor`.
  public func count(tensor: Int) -> Int { base.count(tensor: ordinals[tensor]) }

  /// Fills `words` with a segment of the tensor.
  public func read(tensor: Int, segment index: Int, into words: inout WordBuffer) throws -> Int {
    try base.read(tensor: ordinals[tensor], segment: index, into: &words)
  }

  /// The same, with the cache that the base may use.
  public func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    sharing cache: ReferenceCache
  ) throws -> Int {
    try base.read(tensor: ordinals[tensor], segment: index, into: &words, sharing: cache)
  }
}
