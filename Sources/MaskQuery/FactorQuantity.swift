/// What a table of factors shows, as means over pairs.
public enum FactorQuantity: Sendable, Hashable {
  /// b / N: what a random B covers of A, the paper's random o1.
  case randomCoverageA
  /// a / N: what a random A covers of B, the paper's random o2.
  case randomCoverageB
  /// n11 / a, the paper's o1.
  case coverageA
  /// n11 / b, the paper's o2.
  case coverageB
  /// n11 / (a + b - n11).
  case jaccard
  /// The correlation of the two masks.
  case phi
  /// E / (a + b - E), which is not the expected Jaccard index.
  case jaccardAtExpected(Null)
  /// n11 / E.
  case lift(Null)
  /// max / E.
  case maxLift(Null)
  /// (n11 - E) / (max - E).
  case attained(Null)

  /// The value for `pair`; nil where it has none.
  public func value(of pair: PairOverlap) -> Double? {
    let table = pair.metrics.table
    return switch self {
    case .randomCoverageA: share(table.countB, of: table.parameters)
    case .randomCoverageB: share(table.countA, of: table.parameters)
    case .coverageA: pair.metrics.coverageA
    case .coverageB: pair.metrics.coverageB
    case .jaccard: pair.metrics.jaccard
    case .phi: pair.metrics.phi
    case .jaccardAtExpected(let null): pair.nulls[null]?.jaccardAtExpected
    case .lift(let null): pair.nulls[null]?.lift
    case .maxLift(let null): pair.nulls[null]?.maxLift
    case .attained(let null): pair.nulls[null]?.attained
    }
  }
}
