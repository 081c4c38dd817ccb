/// One pair of masks with everything that is said of it.
public struct PairOverlap: Sendable {
  /// The id of mask A.
  public let a: String
  /// The id of mask B.
  public let b: String
  /// Sizes, shares and coefficients.
  public let metrics: PairMetrics
  /// What each null that was asked for says.
  public let nulls: [Null: NullResult]

  /// The overlap of the masks with ids `a` and `b`, under each of `nulls`.
  ///
  /// Costs one pass over the marginals a null; bits are not read.
  public init(a: String, b: String, counts: PairCounts, nulls: [Null] = Null.allCases) {
    self.a = a
    self.b = b
    metrics = PairMetrics(counts.table)
    self.nulls = Dictionary(
      nulls.map { ($0, counts.result(under: $0)) },
      uniquingKeysWith: { first, _ in first }
    )
  }
}
