public import MaskModel

extension TensorCounts {
  /// What contradicts itself in the counts, in words; nil where nothing does.
  ///
  /// The nulls trust their input. Counts that come from a file are checked once, when they are read;
  /// costs one pass over them.
  public var contradiction: String? {
    let count = marginals.count
    let checks: [(Bool, String)] = [
      ((0...tensor.shape.count).contains(compared), "more positions compared than there are"),
      (tensor.shape.mayCompare(compared), "part of a row compared"),
      ((0...max(compared, 0)).contains(count), "more positions changed than compared"),
      (fits(marginals.rows, comparedRows, of: tensor.shape.columns), "the counts per row disagree"),
      (
        fits(marginals.columns, tensor.shape.columns, of: comparedRows),
        "the counts per column disagree"
      ),
      (fitsBinades, "the counts per magnitude disagree"),
    ]
    return checks.first { !$0.0 }.map { "\(tensor.name): \($0.1)" }
  }

  private var comparedRows: Int { compared / max(tensor.shape.columns, 1) }

  /// Whether a profile has `strata` counts, none above `size`, that add up to the tensor's.
  private func fits(_ profile: [UInt32]?, _ strata: Int, of size: Int) -> Bool {
    guard let profile, compared > 0 else { return true }
    return profile.count == strata && profile.allSatisfy { Int($0) <= size }
      && profile.reduce(0) { $0 + Int($1) } == marginals.count
  }

  private var fitsBinades: Bool {
    guard let totals = binadeTotals, let binades = marginals.binades else { return true }
    return totals.total == compared && binades.total == marginals.count
      && binades.fields.allSatisfy { (0...max(totals[$0], 0)).contains(binades[$0]) }
  }
}
