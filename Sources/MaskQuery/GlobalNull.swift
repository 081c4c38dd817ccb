internal import MaskModel

extension PairCounts {
  /// `Null.global`: E = a b / N, one stratum.
  ///
  /// Source: arXiv 2505.11711, section 4, whose "random" coverages are the densities a / N and b / N.
  var globalNull: NullResult {
    let table = table
    var strata = Strata()
    strata.add(table.countA, table.countB, of: table.parameters)
    return sampled(strata)
  }
}
