public import MaskModel

extension TensorGrouping {
  /// The groups of the tensors of a layout.
  ///
  /// Layers come in the order of the layout, modules in that of `ModuleKind`; what lies outside of
  /// any layer comes last. Every tensor is in one group.
  public func groups(
    of tensors: [TensorLayout],
    patterns: ModulePatterns = .standard
  ) -> [TensorGroup] {
    let keys = tensors.map { key(of: $0.name, patterns: patterns) }
    let members = Dictionary(grouping: tensors.indices) { keys[$0] }
    let stacks = Set(keys.compactMap(\.layer?.stack))
    let order = Dictionary(members.map { ($1[0], $0) }, uniquingKeysWith: { first, _ in first })
    return order.sorted { precedes($0, $1) }.map { _, key in
      TensorGroup(
        label: key.label(namingStacks: stacks.count > 1),
        layer: key.layer,
        module: key.module,
        tensors: members[key] ?? []
      )
    }
  }

  private func key(of name: String, patterns: ModulePatterns) -> GroupKey {
    let layer = self == .module ? nil : LayerIndex(tensor: name)
    let module = patterns.kind(of: name)
    return switch self {
    case .tensor: GroupKey(tensor: name, layer: layer, module: module)
    case .layer: GroupKey(layer: layer, module: layer == nil ? module : nil)
    case .module, .layerModule: GroupKey(layer: layer, module: module)
    }
  }

  /// Whether a group with first tensor and key `left` stands before `right`.
  private func precedes(
    _ left: (key: Int, value: GroupKey),
    _ right: (key: Int, value: GroupKey)
  ) -> Bool {
    if self == .tensor { return left.key < right.key }
    return left.value.precedes(right.value)
  }
}

/// What the tensors of one group have in common.
private struct GroupKey: Hashable {
  var tensor: String?
  var layer: LayerIndex?
  var module: ModuleKind?

  func label(namingStacks: Bool) -> String {
    if let tensor { return tensor }
    let number = layer.map { namingStacks ? "\($0.stack).\($0.number)" : "\($0.number)" }
    return [number, module?.rawValue].compactMap(\.self).joined(separator: " ")
  }

  func precedes(_ other: GroupKey) -> Bool {
    if let layer, let otherLayer = other.layer, layer != otherLayer {
      return (layer.stack, layer.number) < (otherLayer.stack, otherLayer.number)
    }
    if (layer == nil) != (other.layer == nil) { return layer != nil }
    return (module ?? .other) < (other.module ?? .other)
  }
}
