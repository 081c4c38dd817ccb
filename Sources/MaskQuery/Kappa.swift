extension ContingencyTable {
  /// Cohen's kappa, 2 (N n11 - a b) / (a (N - b) + b (N - a)), at most 1.
  ///
  /// The agreement of the two masks beyond chance, as a share of the most there could be. Source:
  /// Cohen 1960, for two categories. Nil where both masks are empty or both are full. Numerator and
  /// denominator are exact in 128 bits.
  public var kappa: Double? {
    let (a, b, n) = (Int128(countA), Int128(countB), Int128(parameters))
    let disagreement = a * (n - b) + b * (n - a)
    return disagreement == 0 ? nil : 2 * real(covariance) / real(disagreement)
  }
}
