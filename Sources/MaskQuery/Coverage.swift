extension ContingencyTable {
  /// |A ∩ B| / |A|: the share of A's changes that B made too.
  ///
  /// Nil where A is empty. The paper's o1 (arXiv 2505.11711, Table 4); for a random B it is the
  /// density of B.
  public var coverageA: Double? { share(intersection, of: countA) }

  /// |A ∩ B| / |B|: the share of B's changes that A made too.
  ///
  /// Nil where B is empty. The paper's o2 (arXiv 2505.11711, Table 4); for a random A it is the
  /// density of A.
  public var coverageB: Double? { share(intersection, of: countB) }
}
