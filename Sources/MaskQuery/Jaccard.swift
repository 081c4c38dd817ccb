extension ContingencyTable {
  /// J(A, B) = |A ∩ B| / |A ∪ B| = n11 / (a + b - n11), in 0...1.
  ///
  /// The share of positions that both masks changed, out of those that either changed. Two empty
  /// masks are equal, and equal masks have J = 1. Nil where no position was compared: nothing says
  /// that masks are equal there. Source: Jaccard 1901; computed in exact integers, divided once.
  public var jaccard: Double? { parameters == 0 ? nil : share(intersection, of: union) ?? 1 }

  /// The Jaccard index of the unchanged sets, n00 / (N - n11), in 0...1.
  ///
  /// Nil where both masks changed every position.
  public var jaccardUnchanged: Double? { share(neither, of: parameters - intersection) }
}
