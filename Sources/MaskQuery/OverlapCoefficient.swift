extension ContingencyTable {
  /// |A ∩ B| / min(|A|, |B|), in 0...1; 1 where one mask contains the other.
  ///
  /// The Szymkiewicz-Simpson coefficient: the larger of the two coverages. Nil where a mask is
  /// empty.
  public var overlapCoefficient: Double? { share(intersection, of: min(countA, countB)) }
}
