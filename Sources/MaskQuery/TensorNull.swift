internal import MaskModel

extension PairCounts {
  /// `Null.tensor`: E = Σ_t a_t b_t / n_t, one stratum a tensor.
  var tensorNull: NullResult {
    var strata = Strata()
    for tensor in compared { strata.add(tensor: tensor, of: self) }
    return sampled(strata)
  }
}
