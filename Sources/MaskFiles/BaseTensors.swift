public import Checkpoints
public import MaskModel

/// The tensors of a base that mask files are laid over: all but those that only describe others, such
/// as the scales of fp8.
public struct BaseTensors: Sendable {
  /// Their names and shapes.
  public let layout: ModelLayout
  /// The dtype of every tensor, as the file names it.
  public let types: [String]

  /// Tensors of `layout` with `types`.
  public init(_ layout: ModelLayout, types: [String]) {
    precondition(types.count == layout.tensors.count, "every tensor has a dtype")
    self.layout = layout
    self.types = types
  }

  /// Those of `checkpoint`.
  public init(of checkpoint: Checkpoint) {
    let tensors = checkpoint.tensors.filter { !$0.isAuxiliary }
    self.init(
      ModelLayout(tensors.map { TensorLayout(name: $0.name, shape: $0.shape) }),
      types: tensors.map(\.type.rawValue)
    )
  }

  /// Why tensors of no float type are in no mask, by name.
  public var uncovered: [String: String] {
    var reasons: [String: String] = [:]
    for (tensor, type) in zip(layout.tensors, types)
    where StoredType(rawValue: type)?.float == nil {
      reasons[tensor.name] = "\(type) is no float type"
    }
    return reasons
  }
}
