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
  /// The same of groups of tensors; nil where the whole alone was asked for.
  public let groups: [GroupOverlap]?

  /// The overlap of the masks with ids `a` and `b`, under each of `nulls`, and in each of `groups`.
  ///
  /// Groups index the tensors of `counts`. Costs one pass over the marginals a null, and another
  /// with groups; bits are not read.
  public init(
    a: String,
    b: String,
    counts: PairCounts,
    nulls: [Null] = Null.allCases,
    groups: [TensorGroup]? = nil
  ) {
    self.a = a
    self.b = b
    metrics = PairMetrics(counts.table)
    self.nulls = Dictionary(
      nulls.map { ($0, counts.result(under: $0)) },
      uniquingKeysWith: { first, _ in first }
    )
    self.groups = groups?.map { GroupOverlap($0, a: a, b: b, counts: counts, nulls: nulls) }
  }
}

extension PairOverlap {
  /// The pair with the roles of A and B exchanged; every null and every other metric is symmetric.
  var swapped: PairOverlap {
    let table = metrics.table
    return PairOverlap(
      a: b,
      b: a,
      metrics: PairMetrics(
        ContingencyTable(
          parameters: table.parameters,
          countA: table.countB,
          countB: table.countA,
          intersection: table.intersection
        )
      ),
      nulls: nulls,
      groups: groups?.map { GroupOverlap(group: $0.group, overlap: $0.overlap.swapped) }
    )
  }

  private init(
    a: String,
    b: String,
    metrics: PairMetrics,
    nulls: [Null: NullResult],
    groups: [GroupOverlap]?
  ) {
    self.a = a
    self.b = b
    self.metrics = metrics
    self.nulls = nulls
    self.groups = groups
  }
}

/// One pair of masks in one group of tensors.
public struct GroupOverlap: Sendable {
  /// The tensors.
  public let group: TensorGroup
  /// What is said of the pair in them, as if they were the whole model.
  public let overlap: PairOverlap

  init(group: TensorGroup, overlap: PairOverlap) {
    self.group = group
    self.overlap = overlap
  }

  init(_ group: TensorGroup, a: String, b: String, counts: PairCounts, nulls: [Null]) {
    self.group = group
    overlap = PairOverlap(
      a: a,
      b: b,
      counts: counts.restricted(to: group.tensors),
      nulls: nulls
    )
  }
}
