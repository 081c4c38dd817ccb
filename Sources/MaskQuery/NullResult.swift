/// What one null says of an overlap.
///
/// Overlaps are in positions; lifts, `attained` and `z` are pure numbers. A value that is undefined
/// is nil, never infinite or NaN, and `remarks` say why. Lifts of different nulls and pairs have
/// different ceilings: compare `attained`.
public struct NullResult: Sendable, Hashable {
  /// E: the overlap expected under the null, in positions.
  public internal(set) var expected: Double?
  /// n11 / E.
  public internal(set) var lift: Double?
  /// The largest overlap that what the null keeps allows, in positions: Σ min(a, b) over its strata.
  public internal(set) var max: Int?
  /// max / E, the ceiling of the lift.
  public internal(set) var maxLift: Double?
  /// (n11 - E) / (max - E): 0 at the expected overlap, 1 at the largest possible.
  public internal(set) var attained: Double?
  /// (n11 - E) / σ, the excess in standard deviations; always nil under `Null.rowColumn`.
  public internal(set) var z: Double?
  /// n11 - E, in positions.
  public internal(set) var excess: Double?
  /// E / (a + b - E): the Jaccard index of the expected overlap, which is not the expected index.
  public internal(set) var jaccardAtExpected: Double?
  /// The tensors in which a product of margins exceeds what a 0/1 matrix can hold, so that
  /// `Null.rowColumn` does not keep the margins: max(r) max(c) > count in one of the masks.
  public internal(set) var saturated: [String] = []
  /// Why values are missing.
  public internal(set) var remarks: [Remark] = []
}

extension NullResult {
  /// All remarks in one line, or nil where nothing is missing.
  public var reason: String? { remarks.reason }

  /// No values at all, because of `reason`.
  static func unavailable(_ reason: String) -> NullResult {
    var result = NullResult()
    result.remarks = [Remark(reason)]
    return result
  }

  /// What `strata` say of the overlap in `table`.
  init(_ strata: Strata, _ table: ContingencyTable) {
    let expected = strata.expected.value
    self.expected = expected
    max = strata.ceiling
    excess = strata.expected.subtracted(from: Int128(table.intersection))
    setLifts(table, expected: expected, ceiling: strata.ceiling)
    setAttained(strata)
    setJaccard(table, strata)
  }
}

extension NullResult {
  private mutating func setLifts(_ table: ContingencyTable, expected: Double, ceiling: Int) {
    guard expected > 0 else {
      remarks.append(Remark(about: ["lift", "max_lift"], "the expected overlap is 0"))
      return
    }
    lift = Double(table.intersection) / expected
    maxLift = Double(ceiling) / expected
  }

  private mutating func setAttained(_ strata: Strata) {
    let room = strata.expected.subtracted(from: Int128(strata.ceiling))
    guard let excess, room != 0 else {
      remarks.append(Remark(about: ["attained"], "the expected overlap is the largest possible"))
      return
    }
    attained = excess / room
  }

  private mutating func setJaccard(_ table: ContingencyTable, _ strata: Strata) {
    let union = strata.expected.subtracted(from: Int128(table.countA) + Int128(table.countB))
    guard let expected, union > 0 else {
      let isEmpty = table.countA + table.countB == 0
      let reason = isEmpty ? "both masks are empty" : "more is expected than both masks have"
      remarks.append(Remark(about: ["jaccard_at_expected"], reason))
      return
    }
    jaccardAtExpected = expected / union
  }

  /// Sets `z` from a null that is a way of sampling.
  mutating func setZ(variance: Double) {
    guard let excess, variance > 0 else {
      remarks.append(Remark(about: ["z"], "the null allows one overlap only, so the variance is 0"))
      return
    }
    z = excess / variance.squareRoot()
  }
}
