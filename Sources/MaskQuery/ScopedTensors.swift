internal import MaskModel

/// The tensors of one layout that a question is about.
public struct ScopedTensors: Sendable, Hashable {
  private let layout: [TensorLayout]
  /// The tensors compared, by their places in the layout.
  public let tensors: [Int]
  /// How they are put together; nil where the whole alone is asked for.
  public let groups: [TensorGroup]?

  init(layout: [TensorLayout], tensors: [Int], groups: [TensorGroup]?) {
    self.layout = layout
    self.tensors = tensors
    self.groups = groups
  }

  /// The names of the tensors compared.
  public var names: [String] { tensors.map { layout[$0].name } }

  /// The names of the tensors left out by pattern.
  public var namesLeftOut: [String] {
    let kept = Set(tensors)
    return layout.indices.filter { !kept.contains($0) }.map { layout[$0].name }
  }
}

extension ScopedTensors {
  /// `counts` of the whole layout on these tensors alone.
  func restricting(_ counts: PairCounts) -> PairCounts {
    tensors.count == layout.count ? counts : counts.restricted(to: tensors)
  }

  /// The groups, with places among `tensors` instead of places in the layout.
  var groupsAmongKept: [TensorGroup]? {
    let place = Dictionary(uniqueKeysWithValues: zip(tensors, tensors.indices))
    return groups?.map { group in
      TensorGroup(
        label: group.label,
        layer: group.layer,
        module: group.module,
        tensors: group.tensors.compactMap { place[$0] }
      )
    }
  }
}
