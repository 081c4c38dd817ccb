extension PairStatistic {
  /// The value for `pair`, which must have been held against `null`; nil where it has none.
  ///
  /// Where `isTurned`, the pair is read with B for A.
  public func value(of pair: PairOverlap, isTurned: Bool = false) -> Double? {
    switch self {
    case .metric(.coverage): isTurned ? pair.metrics.coverageB : pair.metrics.coverageA
    case .metric(let metric): metric.value(in: pair.metrics)
    case .relative(let value, let null): pair.nulls[null].flatMap { value.value(in: $0) }
    }
  }

  /// Why `pair` has no value.
  public func reason(for pair: PairOverlap) -> String? {
    switch self {
    case .metric(.coverage): pair.metrics.remarks.reason(of: "coverage_a")
    case .metric(let metric): pair.metrics.remarks.reason(of: metric.rawValue)
    case .relative(let value, let null): pair.nulls[null]?.remarks.reason(of: value.rawValue)
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
  /// The value in `metrics`; of `coverage` that of A.
  public func value(in metrics: PairMetrics) -> Double? {
    switch self {
    case .jaccard: metrics.jaccard
    case .coverage: metrics.coverageA
    case .overlapCoefficient: metrics.overlapCoefficient
    case .dice: metrics.dice
    case .phi: metrics.phi
    case .kappa: metrics.kappa
    case .log2OddsRatio: metrics.log2OddsRatio
    case .jaccardUnchanged: metrics.jaccardUnchanged
    }
  }

  /// The formula, N being the positions compared in both masks.
  public var definition: String {
    switch self {
    case .jaccard: "|A∩B| / |A∪B|"
    case .coverage: "|A∩B| / |A|"
    case .overlapCoefficient: "|A∩B| / min(|A|, |B|)"
    case .dice: "2 |A∩B| / (|A| + |B|)"
    case .phi: "(N |A∩B| - |A| |B|) / sqrt(|A| |B| (N - |A|) (N - |B|))"
    case .kappa: "2 (N |A∩B| - |A| |B|) / (|A| (N - |B|) + |B| (N - |A|))"
    case .log2OddsRatio: "log2((n11+1/2) (n00+1/2) / ((n10+1/2) (n01+1/2)))"
    case .jaccardUnchanged: "(N - |A∪B|) / (N - |A∩B|)"
    }
  }
}

extension PairStatistic.NullValue {
  /// The value in `result`.
  public func value(in result: NullResult) -> Double? {
    switch self {
    case .expected: result.expected
    case .lift: result.lift
    case .maxLift: result.maxLift
    case .attained: result.attained
    case .excess: result.excess
    case .jaccardAtExpected: result.jaccardAtExpected
    case .z: result.z
    }
  }

  fileprivate var definition: String {
    switch self {
    case .expected: "E, the |A∩B| expected"
    case .lift: "|A∩B| / E, E expected"
    case .maxLift: "max / E, max the largest |A∩B| possible and E expected"
    case .attained: "(|A∩B| - E) / (max - E), E expected and max possible"
    case .excess: "|A∩B| - E, E expected"
    case .jaccardAtExpected: "E / (|A| + |B| - E), E the |A∩B| expected"
    case .z: "(|A∩B| - E) / s, E expected and s the standard deviation"
    }
  }
}
