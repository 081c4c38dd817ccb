public import MaskModel

/// On which tensors masks are compared, and by what the answer is resolved.
public struct TensorScope: Sendable, Hashable {
  /// Only tensors whose name fits one of these; every tensor where there is none.
  public var included: [Glob]
  /// No tensor whose name fits one of these.
  public var excluded: [Glob]
  /// What tensors are put together beside the whole; nil for the whole alone.
  public var grouping: TensorGrouping?
  /// Which tensors are which module, before the standard patterns.
  public var modules: ModulePatterns

  /// A scope of the tensors that fit `included` and not `excluded`, resolved by `grouping`.
  public init(
    included: [Glob] = [],
    excluded: [Glob] = [],
    grouping: TensorGrouping? = nil,
    modules: ModulePatterns = ModulePatterns([])
  ) {
    self.included = included
    self.excluded = excluded
    self.grouping = grouping
    self.modules = modules
  }

  /// Every tensor, as a whole.
  public static let whole = TensorScope()
}

extension TensorScope {
  /// The scope on a layout of `tensors`.
  ///
  /// - Throws: `UnansweredQuestion` where a pattern fits no tensor, or no tensor is left.
  public func resolved(in tensors: [TensorLayout]) throws(UnansweredQuestion) -> ScopedTensors {
    for glob in included + excluded {
      guard tensors.contains(where: { glob.matches($0.name) }) else {
        throw .noTensor(fitting: glob)
      }
    }
    if !tensors.isEmpty { try modules.check(on: tensors) }
    let kept = tensors.indices.filter { includes(tensors[$0].name) }
    guard !kept.isEmpty || included.isEmpty && excluded.isEmpty else { throw .noTensorLeft }
    return ScopedTensors(
      layout: tensors,
      tensors: kept,
      groups: grouping?.groups(
        of: tensors,
        keeping: Set(kept),
        patterns: .standard.preceded(by: modules.patterns)
      )
    )
  }

  private func includes(_ name: String) -> Bool {
    (included.isEmpty || included.contains { $0.matches(name) })
      && !excluded.contains { $0.matches(name) }
  }
}

extension TensorGrouping {
  /// The groups of a layout of `tensors`, with only those of `kept` in them; none is empty.
  fileprivate func groups(
    of tensors: [TensorLayout],
    keeping kept: Set<Int>,
    patterns: ModulePatterns
  ) -> [TensorGroup] {
    groups(of: tensors, patterns: patterns).compactMap { group in
      let members = group.tensors.filter(kept.contains)
      guard !members.isEmpty else { return nil }
      return TensorGroup(
        label: group.label,
        layer: group.layer,
        module: group.module,
        tensors: members
      )
    }
  }
}
