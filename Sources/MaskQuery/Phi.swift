extension ContingencyTable {
  /// (N n11 - a b) / sqrt(a b (N - a) (N - b)), in -1...1: Pearson's correlation of the two masks.
  ///
  /// Also the Matthews correlation coefficient. 0 under independence. Nil where a mask is empty or
  /// full. The numerator is exact in 128 bits.
  public var phi: Double? {
    let a = Double(countA) * Double(parameters - countA)
    let b = Double(countB) * Double(parameters - countB)
    return a == 0 || b == 0 ? nil : real(covariance) / (a.squareRoot() * b.squareRoot())
  }
}
