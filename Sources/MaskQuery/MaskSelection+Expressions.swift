internal import MaskModel

extension MaskSelection {
  /// The masks that are selected, where a reference may be an expression: a text that names no mask
  /// and has an operator, a function or quotes.
  ///
  /// Filters are for runs: they leave expressions alone.
  ///
  /// - Throws: what `resolve(in:)` and `ExpressionEvaluator.mask(_:)` throw.
  public func resolve(
    in catalogs: CatalogSet,
    evaluating evaluator: ExpressionEvaluator
  ) throws -> [AskedMask] {
    guard references.contains(where: { !MaskExpression.isReference($0) }) else {
      return try resolve(in: catalogs)
    }
    var selected: [AskedMask] = []
    for reference in references {
      if let mask = try computed(reference, in: catalogs, evaluator) {
        if !selected.contains(where: { $0.id == mask.id }) { selected.append(mask) }
      } else {
        selected += try MaskSelection([reference], definition: definition).resolve(in: catalogs)
      }
    }
    let kept = selected.filter { mask in
      mask.places.isEmpty || filters.allSatisfy { $0.matches(mask) }
    }
    guard !kept.isEmpty else {
      throw SelectionError.filteredOut(filters.map(\.description).joined(separator: " "))
    }
    return catalogs.distinct(kept)
  }

  /// The mask of `reference` where that is an expression; nil where it names masks.
  private func computed(
    _ reference: String,
    in catalogs: CatalogSet,
    _ evaluator: ExpressionEvaluator
  ) throws -> AskedMask? {
    guard !MaskExpression.isReference(reference) else { return nil }
    // The path of a catalog before a colon may have any character.
    let plain = MaskSelection([reference], definition: definition)
    guard (try? plain.resolve(in: catalogs)) == nil else { return nil }
    return try evaluator.mask(reference).asked(threads: evaluator.threads)
  }
}
