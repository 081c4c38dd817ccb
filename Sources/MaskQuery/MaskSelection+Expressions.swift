internal import MaskModel

extension MaskSelection {
  /// The masks that are selected, where a reference may be an expression: a text that names no mask
  /// and has an operator, a function or quotes.
  ///
  /// Expressions are counted by binade of the base where `nulls` need it and its exponents are kept.
  /// Filters and `isLatestStepOnly` are about runs: they leave expressions alone.
  ///
  /// - Throws: what `resolve(in:)` and `ExpressionEvaluator.mask(_:)` throw.
  public func resolve(
    in catalogs: CatalogSet,
    evaluating evaluator: ExpressionEvaluator,
    for nulls: [Null] = []
  ) throws -> SelectedMasks {
    guard references.contains(where: { !MaskExpression.isReference($0) }) else {
      return try resolve(in: catalogs)
    }
    let shelves = shelves(of: catalogs)
    var selected: [AskedMask] = []
    for reference in references {
      guard let mask = try computed(reference, shelves, catalogs, evaluator, nulls) else {
        selected += try find(reference, shelves, catalogs)
        continue
      }
      if !selected.contains(where: { $0.id == mask.id }) { selected.append(mask) }
    }
    return try narrowed(selected, in: catalogs)
  }

  /// The mask of `reference` where that is an expression; nil where it names masks.
  private func computed(
    _ reference: String,
    _ shelves: [Shelf],
    _ catalogs: CatalogSet,
    _ evaluator: ExpressionEvaluator,
    _ nulls: [Null]
  ) throws -> AskedMask? {
    guard !MaskExpression.isReference(reference) else { return nil }
    // The path of a catalog before a colon may have any character.
    let named = (try? find(reference, shelves, catalogs)) ?? []
    guard named.isEmpty else { return nil }
    let mask = try evaluator.mask(reference)
    return try mask.asked(
      binades: nulls.contains(.magnitude) ? try evaluator.binades(of: mask) : nil,
      threads: evaluator.threads
    )
  }
}
