/// What is said of two masks without a null: sizes, shares and coefficients of association.
///
/// Each value is defined at the property of the same name of `ContingencyTable`. A value that would
/// be 0/0 is nil, and `remarks` say why.
public struct PairMetrics: Sendable, Hashable {
  /// The exact counts that everything is computed from.
  public let table: ContingencyTable
  /// n11 / (a + b - n11); 1 for two empty masks, with a remark.
  public let jaccard: Double?
  /// n11 / a.
  public let coverageA: Double?
  /// n11 / b.
  public let coverageB: Double?
  /// n11 / min(a, b).
  public let overlapCoefficient: Double?
  /// 2 n11 / (a + b).
  public let dice: Double?
  /// (N n11 - a b) / sqrt(a b (N - a) (N - b)).
  public let phi: Double?
  /// 2 (N n11 - a b) / (a (N - b) + b (N - a)).
  public let kappa: Double?
  /// log2((n11 + ½) (n00 + ½) / ((n10 + ½) (n01 + ½))).
  public let log2OddsRatio: Double?
  /// n00 / (N - n11).
  public let jaccardUnchanged: Double?
  /// Why values are missing, and that the Jaccard index of two empty masks is 1 by convention.
  public let remarks: [Remark]

  /// The metrics of `table`.
  public init(_ table: ContingencyTable) {
    self.table = table
    jaccard = table.jaccard
    coverageA = table.coverageA
    coverageB = table.coverageB
    overlapCoefficient = table.overlapCoefficient
    dice = table.dice
    phi = table.phi
    kappa = table.kappa
    log2OddsRatio = table.log2OddsRatio
    jaccardUnchanged = table.jaccardUnchanged
    remarks = Self.remarks(on: table)
  }
}

extension PairMetrics {
  /// All remarks in one line, or nil.
  public var reason: String? { remarks.reason }

  private static func remarks(on table: ContingencyTable) -> [Remark] {
    guard table.parameters > 0 else { return [Remark("no position was compared for both masks")] }
    let (emptyA, emptyB) = (table.countA == 0, table.countB == 0)
    let fullA = table.countA == table.parameters
    let fullB = table.countB == table.parameters
    let cases = [
      (emptyA && emptyB, "jaccard", "both masks are empty, so they are equal"),
      (emptyA, "coverage_a", "mask a is empty"),
      (emptyB, "coverage_b", "mask b is empty"),
      (emptyA || emptyB, "overlap_coefficient", "a mask is empty"),
      (emptyA && emptyB, "dice", "both masks are empty"),
      (emptyA || emptyB || fullA || fullB, "phi", "a mask is empty or full"),
      (emptyA && emptyB || fullA && fullB, "kappa", "both masks are empty or full"),
      (fullA && fullB, "jaccard_unchanged", "neither mask leaves a position unchanged"),
    ]
    return cases.filter(\.0).map { Remark(about: [$0.1], $0.2) }
  }
}
