/// Which pairs of many masks are shown: those that are alike.
public struct PairScreen: Sendable, Hashable {
  /// The least Jaccard index that is shown.
  public let threshold: Double?
  /// The most pairs that are shown, the largest Jaccard indices first.
  public let limit: Int?

  /// Pairs of at least `threshold`, and of those the `limit` largest.
  public init(threshold: Double? = nil, limit: Int? = nil) {
    self.threshold = threshold
    self.limit = limit
  }
}

extension PairScreen {
  /// The pairs of `masks` that may reach the threshold by the sizes of the masks alone.
  ///
  /// J(A, B) is at most min(a, b) / max(a, b). Sizes say so only of masks that were compared over all
  /// tensors, so pairs with a mask that skipped one are kept. No bits are read.
  public func candidates(among masks: [MaskSummary]) -> [MaskPair] {
    let pairs = MaskPair.all(of: masks.count)
    guard let threshold else { return pairs }
    return pairs.filter { bound(masks[$0.a], masks[$0.b]) >= threshold }
  }

  private func bound(_ a: MaskSummary, _ b: MaskSummary) -> Double {
    let isWhole = a.skippedTensors.isEmpty && b.skippedTensors.isEmpty
    guard isWhole, a.parameters == b.parameters else { return 1 }
    return share(min(a.count, b.count), of: max(a.count, b.count)) ?? 1
  }

  /// Those of `pairs`, the overlaps of candidates, that are shown; and how many of `count` are not.
  ///
  /// With a limit the largest Jaccard index comes first, and of equal ones the earlier pair.
  public func apply(
    to pairs: [PairOverlap],
    of count: Int
  ) -> (shown: [PairOverlap], omitted: OmittedPairs) {
    // A pair without a value is like none.
    func likeness(_ pair: PairOverlap) -> Double { pair.metrics.jaccard ?? -1 }
    let alike = pairs.filter { likeness($0) >= threshold ?? -1 }
    let order = alike.indices.sorted { (-likeness(alike[$0]), $0) < (-likeness(alike[$1]), $1) }
    let shown = limit.map { limit in order.prefix(limit).map { alike[$0] } } ?? alike
    let omitted = OmittedPairs(
      screen: self,
      total: count,
      ruledOut: count - pairs.count,
      below: pairs.count - alike.count,
      beyondLimit: alike.count - shown.count
    )
    return (shown, omitted)
  }
}

/// How many pairs are not shown, and why.
public struct OmittedPairs: Sendable, Hashable {
  /// What was asked for.
  public let screen: PairScreen
  /// The pairs that there are.
  public let total: Int
  /// Those that the sizes of the masks rule out.
  public let ruledOut: Int
  /// Those whose Jaccard index is below the threshold.
  public let below: Int
  /// Those beyond the limit.
  public let beyondLimit: Int

  /// The pairs not shown.
  public var count: Int { ruledOut + below + beyondLimit }
}
