internal import MaskModel

extension PairCounts {
  /// `Null.rowColumn`: E = Σ_t (Σ_i rA_i rB_i) (Σ_j cA_j cB_j) / (a_t b_t); a term with an empty
  /// mask is 0.
  ///
  /// The rank-one model p(i, j) = r_i c_j / a_t (Chung and Lu 2002) keeps the margins only where
  /// r_i c_j <= a_t; tensors where it cannot are named in `saturated`. The ceiling is
  /// Σ_t min(a_t, b_t); where E exceeds it the model says nothing, and lift, max_lift, attained and
  /// jaccard_at_expected are nil. A tensor of fewer than two dimensions is one stratum.
  var rowColumnNull: NullResult {
    var strata = Strata()
    var saturated: [String] = []
    for tensor in compared {
      guard a[tensor].tensor.shape.isMatrix else {
        strata.add(tensor: tensor, of: self)
        continue
      }
      guard let (margins, others) = margins(of: tensor) else {
        return .unavailable(noMargins(tensor))
      }
      strata.add(margins, others)
      if margins.isSaturated || others.isSaturated { saturated.append(a[tensor].tensor.name) }
    }
    return rowColumnResult(strata, saturated: saturated)
  }

  private func rowColumnResult(_ strata: Strata, saturated: [String]) -> NullResult {
    var result = NullResult(strata, table)
    result.saturated = saturated
    if strata.expected.subtracted(from: Int128(strata.ceiling)) < 0 { result.dropLifts() }
    return result
  }

  private func margins(of tensor: Int) -> (Margins, Margins)? {
    guard let margins = Margins(a[tensor].marginals), let others = Margins(b[tensor].marginals)
    else { return nil }
    return (margins, others)
  }

  private func noMargins(_ tensor: Int) -> String {
    let shape = a[tensor].tensor.shape
    let byRow = a[tensor].marginals.rows == nil || b[tensor].marginals.rows == nil
    return byRow
      ? noProfile(tensor, "row", extent: shape.rows)
      : noProfile(tensor, "column", extent: shape.columns)
  }
}

/// The margins of one mask in one matrix.
private struct Margins {
  let count: Int
  let rows: [UInt32]
  let columns: [UInt32]

  init?(_ marginals: TensorMarginals) {
    guard let rows = marginals.rows, let columns = marginals.columns else { return nil }
    count = marginals.count
    self.rows = rows
    self.columns = columns
  }

  /// Whether r_i c_j > a for some i and j.
  var isSaturated: Bool {
    guard let row = rows.max(), let column = columns.max() else { return false }
    return UInt64(row) * UInt64(column) > UInt64(count)
  }
}

extension Strata {
  fileprivate mutating func add(_ a: Margins, _ b: Margins) {
    add(
      ProductSum(a.rows, b.rows).value,
      times: ProductSum(a.columns, b.columns).value,
      over: UInt128(a.count) * UInt128(b.count),
      ceiling: min(a.count, b.count)
    )
  }
}

extension NullResult {
  /// Takes back what an expected overlap above the largest possible would make nonsense of.
  fileprivate mutating func dropLifts() {
    let fields = ["lift", "max_lift", "attained", "jaccard_at_expected"]
    (lift, maxLift, attained, jaccardAtExpected) = (nil, nil, nil, nil)
    remarks.removeAll { !Set($0.fields).isDisjoint(with: fields) }
    remarks.append(
      Remark(about: fields, "the rank-one model expects more than the largest possible overlap")
    )
  }
}
