extension ContingencyTable {
  /// 2 |A ∩ B| / (|A| + |B|), in 0...1: the harmonic mean of the two coverages.
  ///
  /// The Sørensen-Dice coefficient, equal to 2 J / (1 + J). Nil where both masks are empty.
  public var dice: Double? {
    let sum = Int128(countA) + Int128(countB)
    return sum == 0 ? nil : real(2 * Int128(intersection)) / real(sum)
  }
}
