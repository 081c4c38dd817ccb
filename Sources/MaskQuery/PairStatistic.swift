/// One number of a pair of masks, as `attained:magnitude` or `jaccard` names it.
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
    /// (n11 - E) / (max - E).
    case attained
    /// n11 / E.
    case lift
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

  /// The value for `pair`, which must have been held against `null`; nil where it has none.
  public func value(of pair: PairOverlap) -> Double? {
    switch self {
    case .metric(let metric): metric.value(in: pair.metrics)
    case .relative(let value, let null): pair.nulls[null].flatMap { value.value(in: $0) }
    }
  }

  /// Why `pair` has no value.
  func reason(for pair: PairOverlap) -> String? {
    switch self {
    case .metric(let metric): pair.metrics.remarks.reason(of: metric.rawValue)
    case .relative(let value, let null): pair.nulls[null]?.remarks.reason(of: value.rawValue)
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

  /// What it is, as a formula.
  public var definition: String {
    switch self {
    case .metric(let metric): metric.definition
    case .relative(let value, let null): "\(value.definition) under the null \(null.rawValue)"
    }
  }
}

extension PairStatistic.Metric {
  fileprivate func value(in metrics: PairMetrics) -> Double? {
    switch self {
    case .jaccard: metrics.jaccard
    case .overlapCoefficient: metrics.overlapCoefficient
    case .dice: metrics.dice
    case .phi: metrics.phi
    case .kappa: metrics.kappa
    case .log2OddsRatio: metrics.log2OddsRatio
    case .jaccardUnchanged: metrics.jaccardUnchanged
    }
  }

  fileprivate var definition: String {
    switch self {
    case .jaccard: "|A∩B| / |A∪B|"
    case .overlapCoefficient: "|A∩B| / min(|A|, |B|)"
    case .dice: "2 |A∩B| / (|A| + |B|)"
    case .phi: "(N |A∩B| - |A| |B|) / sqrt(|A| |B| (N - |A|) (N - |B|))"
    case .kappa: "2 (N |A∩B| - |A| |B|) / (|A| (N - |B|) + |B| (N - |A|))"
    case .log2OddsRatio: "log2((n11+½)(n00+½) / ((n10+½)(n01+½)))"
    case .jaccardUnchanged: "n00 / (N - |A∩B|)"
    }
  }
}

extension PairStatistic.NullValue {
  fileprivate func value(in result: NullResult) -> Double? {
    switch self {
    case .attained: result.attained
    case .lift: result.lift
    case .z: result.z
    }
  }

  fileprivate var definition: String {
    switch self {
    case .attained: "(|A∩B| - expected) / (max - expected)"
    case .lift: "|A∩B| / expected"
    case .z: "(|A∩B| - expected) / standard deviation"
    }
  }
}
