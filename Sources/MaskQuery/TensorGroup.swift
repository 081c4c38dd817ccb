/// How the tensors of a layout are put together for a table.
public enum TensorGrouping: String, Sendable, Hashable, CaseIterable {
  /// Each by itself.
  case tensor
  /// By layer; tensors outside of any layer by module.
  case layer
  /// By module.
  case module
  /// By layer and module.
  case layerModule = "layer,module"
}

/// Tensors that a table treats as one.
public struct TensorGroup: Sendable, Hashable {
  /// What the group is called in a table: a tensor's name, a layer's number, a module.
  public let label: String
  /// The layer that all its tensors belong to, if that is what they are grouped by.
  public let layer: LayerIndex?
  /// The module, likewise.
  public let module: ModuleKind?
  /// The tensors, by their places in the layout.
  public let tensors: [Int]
}
