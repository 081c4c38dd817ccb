public import MaskQuery

/// One number that is said of a pair of masks, chosen for a matrix.
public enum PairValue: Sendable, Hashable {
  /// A number that needs no null.
  case metric(Metric)
  /// What a null says.
  case null(NullMetric, Null)

  /// The numbers that need no null, by their names in options and JSON.
  public enum Metric: String, Sendable, Hashable, CaseIterable {
    case jaccard
    /// |A∩B|/|A|, A the mask of the row: the only value that is not symmetric.
    case coverage
    case overlapCoefficient = "overlap_coefficient"
    case dice
    case phi
    case kappa
    case log2OddsRatio = "log2_odds_ratio"
    case jaccardUnchanged = "jaccard_unchanged"
  }

  /// The numbers of a null, by their names in options and JSON.
  public enum NullMetric: String, Sendable, Hashable, CaseIterable {
    case expected
    case lift
    case maxLift = "max_lift"
    case attained
    case excess
    case jaccardAtExpected = "jaccard_at_expected"
    case z
  }
}

extension PairValue {
  /// The value that `text` names, such as `phi` or `lift:magnitude`; nil where it names none.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 1, let metric = Metric(rawValue: text) {
      self = .metric(metric)
    } else if parts.count == 2, let metric = NullMetric(rawValue: parts[0]),
      let null = Null(rawValue: parts[1]), metric != .z || null.hasVariance
    {
      self = .null(metric, null)
    } else {
      return nil
    }
  }

  /// The null that the value is held against.
  public var null: Null? { if case .null(_, let null) = self { null } else { nil } }

  /// Which way a matrix of the value reads.
  public var direction: String {
    self == .metric(.coverage)
      ? "row A, column B: |A∩B|/|A|, the share of A's changes that B made too"
      : "symmetric"
  }

  /// The largest value that there can be; nil where that differs from pair to pair.
  var ceiling: Double? {
    switch self {
    case .metric(.log2OddsRatio): nil
    case .metric: 1
    case .null(let metric, _): metric == .attained || metric == .jaccardAtExpected ? 1 : nil
    }
  }
}

extension PairValue: CustomStringConvertible {
  /// The text that names the value.
  public var description: String {
    switch self {
    case .metric(let metric): metric.rawValue
    case .null(let metric, let null): "\(metric.rawValue):\(null.rawValue)"
    }
  }
}

extension PairMetrics {
  /// `metric` of the pair; `isTurned` where B is the mask of the row.
  func value(_ metric: PairValue.Metric, isTurned: Bool = false) -> Double? {
    switch metric {
    case .jaccard: jaccard
    case .coverage: isTurned ? coverageB : coverageA
    case .overlapCoefficient: overlapCoefficient
    case .dice: dice
    case .phi: phi
    case .kappa: kappa
    case .log2OddsRatio: log2OddsRatio
    case .jaccardUnchanged: jaccardUnchanged
    }
  }
}

extension NullResult {
  /// `metric` of the result.
  func value(_ metric: PairValue.NullMetric) -> Double? {
    switch metric {
    case .expected: expected
    case .lift: lift
    case .maxLift: maxLift
    case .attained: attained
    case .excess: excess
    case .jaccardAtExpected: jaccardAtExpected
    case .z: z
    }
  }
}
