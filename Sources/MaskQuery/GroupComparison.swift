/// How alike the masks of runs are within and between groups of runs.
public struct GroupComparison: Sendable {
  /// A mean over pairs.
  public struct Mean: Sendable, Hashable {
    /// The pairs.
    public let pairs: Int
    /// The mean of their values; nil where there is no pair.
    public let value: Double?

    init(_ values: [Double]) {
      pairs = values.count
      var sum = CompensatedSum()
      for value in values { sum.add(value) }
      value = values.isEmpty ? nil : sum.value / Double(values.count)
    }
  }

  /// The runs and their groups.
  public let runs: GroupedRuns
  /// What is compared.
  public let statistic: PairStatistic
  /// The value of runs i and j; the diagonal means nothing.
  public let values: [[Double]]
  /// Whether the difference is more than exchanged labels give.
  public let test: PermutationResult

  /// The comparison of `runs` by `statistic` of `pairs`: every pair of places, in order.
  ///
  /// - Throws: `UnansweredQuestion` where a pair has no value.
  public init(
    _ runs: GroupedRuns,
    pairs: [PairOverlap],
    statistic: PairStatistic,
    plan: PermutationPlan
  ) throws(UnansweredQuestion) {
    let none = [Double](repeating: 0, count: runs.cases.count)
    var values = [[Double]](repeating: none, count: runs.cases.count)
    for (place, pair) in zip(MaskPair.all(of: runs.cases.count), pairs) {
      guard let value = statistic.value(of: pair) else { throw .noValue(statistic, of: pair) }
      values[place.a][place.b] = value
      values[place.b][place.a] = value
    }
    self.runs = runs
    self.statistic = statistic
    self.values = values
    test = PermutationTest(values: values, labels: runs.labels, blocks: runs.blocks).result(plan)
  }
}

extension GroupComparison {
  /// The pairs of runs of one group.
  public var within: Mean { mean { $0 == $1 } }

  /// The pairs of runs of two groups.
  public var between: Mean { mean { $0 != $1 } }

  /// The mean within minus the mean between.
  public var difference: Double { (within.value ?? 0) - (between.value ?? 0) }

  /// The pairs of a run of group `a` with one of group `b`, which may be the same group.
  public func mean(_ a: Int, _ b: Int) -> Mean {
    mean { ($0 == a && $1 == b) || ($0 == b && $1 == a) }
  }

  /// The pairs of a run of `group` with one of any other.
  public func between(_ group: Int) -> Mean { mean { ($0 == group) != ($1 == group) } }

  private func mean(_ belongs: (Int, Int) -> Bool) -> Mean {
    let labels = runs.labels
    return Mean(
      MaskPair.all(of: labels.count).filter { belongs(labels[$0.a], labels[$0.b]) }
        .map { values[$0.a][$0.b] }
    )
  }
}

extension UnansweredQuestion {
  fileprivate static func noValue(
    _ statistic: PairStatistic,
    of pair: PairOverlap
  ) -> UnansweredQuestion {
    let reason = statistic.reason(for: pair).map { " (\($0))" } ?? ""
    return UnansweredQuestion(
      description: "\(pair.a) and \(pair.b) have no \(statistic)\(reason); "
        + "leave one out, or choose another --stat"
    )
  }
}
