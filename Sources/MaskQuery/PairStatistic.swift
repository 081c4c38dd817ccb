/// One number that is said of a pair of masks, as `attained:magnitude` or `jaccard` names it.
public enum PairStatistic: Sendable, Hashable {
  /// A value without a null.
  case metric(Metric)
  /// A value that is relative to a null.
  case relative(NullValue, Null)

  /// What needs no null.
  ///
  /// Each is defined at `PairMetrics`. The raw value is the JSON key.
  public enum Metric: String, Sendable, Hashable, CaseIterable {
    /// n11 / |A ∪ B|.
    case jaccard
    /// n11 / a, A the mask of the row: the only value that is not symmetric.
    case coverage
    /// n11 / min(a, b).
    case overlapCoefficient = "overlap_coefficient"
    /// 2 n11 / (a + b).
    case dice
    /// Pearson's correlation of the two masks.
    case phi
    /// Cohen's kappa.
    case kappa
    /// The smoothed log odds ratio, in bits.
    case log2OddsRatio = "log2_odds_ratio"
    /// The Jaccard index of the unchanged sets.
    case jaccardUnchanged = "jaccard_unchanged"
  }

  /// What needs a null.
  ///
  /// Each is defined at `NullResult`. The raw value is the JSON key.
  public enum NullValue: String, Sendable, Hashable, CaseIterable {
    /// E, in positions.
    case expected
    /// n11 / E.
    case lift
    /// max / E, the ceiling of the lift.
    case maxLift = "max_lift"
    /// (n11 - E) / (max - E).
    case attained
    /// n11 - E, in positions.
    case excess
    /// E / (a + b - E).
    case jaccardAtExpected = "jaccard_at_expected"
    /// (n11 - E) / σ.
    case z
  }

  /// The share of the way from chance, given the magnitudes of the base, to the largest overlap.
  public static let standard = PairStatistic.relative(.attained, .magnitude)
}

extension PairStatistic {
  /// The statistic named `text`; nil where there is none, such as the z of `row_column`.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 1, let metric = Metric(rawValue: text) {
      self = .metric(metric)
    } else if parts.count == 2, let value = NullValue(rawValue: parts[0]),
      let null = Null(rawValue: parts[1]), value != .z || null.hasVariance
    {
      self = .relative(value, null)
    } else {
      return nil
    }
  }

  /// The null that it is relative to, if any.
  public var null: Null? {
    guard case .relative(_, let null) = self else { return nil }
    return null
  }

  /// Whether exchanging the masks leaves it as it is.
  public var isSymmetric: Bool { self != .metric(.coverage) }

  /// Which way a matrix of it reads.
  public var direction: String {
    isSymmetric
      ? "symmetric" : "row A, column B: |A∩B|/|A|, the share of A's changes that B made too"
  }

  /// The largest value that there can be; nil where that differs from pair to pair.
  public var ceiling: Double? {
    switch self {
    case .metric(.log2OddsRatio): nil
    case .metric, .relative(.attained, _), .relative(.jaccardAtExpected, _): 1
    case .relative: nil
    }
  }
}

extension PairStatistic: CustomStringConvertible {
  /// The name, such as `lift:global`.
  public var description: String {
    switch self {
    case .metric(let metric): metric.rawValue
    case .relative(let value, let null): "\(value.rawValue):\(null.rawValue)"
    }
  }
}
