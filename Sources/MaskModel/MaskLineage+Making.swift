extension MaskLineage {
  /// Whether `other` says that a mask was made in the same way from the same things, whatever these
  /// are called: operands are the same where the digests of their bits are.
  public func isMaking(of other: MaskLineage) -> Bool {
    guard case .derived = self, case .derived = other else { return self == other }
    return self == other || (making != nil && making == other.making)
  }

  /// The expression with the digests of the masks that it names; nil where it cannot be read, or a
  /// digest is not known.
  private var making: String? {
    guard case .derived(let expression, let operands) = self,
      let parsed = try? MaskExpression(parsing: expression)
    else { return nil }
    let digests = Dictionary(operands.map { ($0.name, $0.digest) }) { first, _ in first }
    return parsed.renamed { name in
      digests[name].flatMap { $0.isEmpty ? nil : $0 }
    }?.description
  }
}

extension MaskExpression {
  /// The expression with every mask called what `name` gives for it; nil where that is nil for one.
  fileprivate func renamed(_ name: (String) -> String?) -> MaskExpression? {
    func all(_ parts: [MaskExpression]) -> [MaskExpression]? {
      let renamed = parts.compactMap { $0.renamed(name) }
      return renamed.count == parts.count ? renamed : nil
    }
    let node: Node? =
      switch self.node {
      case .mask(let reference): name(reference).map { .mask($0) }
      case .complement(let part): part.renamed(name).map { .complement($0) }
      case .joined(let join, let parts): all(parts).map { .joined(join, $0) }
      case .tally(let tally, let count, let items):
        all(items.compactMap(\.expression)).flatMap { parts in
          parts.count == items.count
            ? .tally(tally, count: count, parts.map { .expression($0) }) : nil
        }
      case .only(let part, let globs): part.renamed(name).map { .only($0, globs) }
      case .random(let control):
        control.like.renamed(name).map {
          .random(RandomControl(like: $0, match: control.match, seed: control.seed))
        }
      }
    return node.map { MaskExpression($0, at: range) }
  }
}

extension MaskExpression.Item {
  /// The one mask that it is; nil for runs that are still to be found.
  fileprivate var expression: MaskExpression? {
    switch self {
    case .expression(let expression): expression
    case .runs: nil
    }
  }
}
