/// What independence within strata says of an overlap, added up stratum by stratum.
///
/// A stratum is n positions of which mask A has a and mask B has b. With the positions of each
/// placed uniformly, the overlap is hypergeometric: mean a b / n, at most min(a, b), variance
/// a b (n - a) (n - b) / (n² (n - 1)).
struct Strata {
  /// Σ a b / n.
  private(set) var expected = ExactSum()
  /// Σ min(a, b).
  private(set) var ceiling = 0
  private var variances = CompensatedSum()

  /// Σ a b (n - a) (n - b) / (n² (n - 1)); a stratum of one position adds 0.
  var variance: Double { variances.value }

  /// Adds one stratum of `n` positions.
  mutating func add(_ a: Int, _ b: Int, of n: Int) {
    guard n > 0, a > 0, b > 0 else { return }
    expected.add(a, times: b, over: n)
    ceiling += min(a, b)
    addVariance(Double(a) * Double(b) * Double(n - a) * Double(n - b), of: n)
  }

  /// Adds a stratum of `n` positions for every element of the profiles `a` and `b`.
  mutating func add(_ a: [UInt32], _ b: [UInt32], each n: Int) {
    let sums = ProfileSums(a, b, size: n)
    expected.add(sums.products.value, over: UInt128(n))
    ceiling += sums.minima
    addVariance(sums.spread, of: n)
  }

  /// Adds an expected overlap of x y / n that is at most `ceiling`, without a variance.
  mutating func add(_ x: UInt128, times y: UInt128, over n: UInt128, ceiling: Int) {
    if n > 0 { expected.add(x, times: y, over: n) }
    self.ceiling += ceiling
  }

  private mutating func addVariance(_ spread: Double, of n: Int) {
    let size = Double(n)
    if n > 1 { variances.add(spread / (size * size * (size - 1))) }
  }
}
