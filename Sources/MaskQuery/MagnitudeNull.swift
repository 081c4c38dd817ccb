internal import MaskModel

extension PairCounts {
  /// `Null.magnitude`: E = Σ_t Σ_e a_te b_te / n_te, one stratum a tensor and binade.
  ///
  /// The binade is the exponent field of the base weight, cast to the compare dtype and widened to
  /// fp32; field 0 holds zeros and subnormals. In bf16 a small weight shows an update that a large
  /// one rounds away, which alone makes masks of one base overlap.
  var magnitudeNull: NullResult {
    guard sharesBinades else {
      return .unavailable("the masks are of two bases or compare dtypes, so of two magnitudes")
    }
    var strata = Strata()
    for tensor in compared {
      let (left, right) = (a[tensor], b[tensor])
      guard let binadesA = left.marginals.binades, let binadesB = right.marginals.binades,
        let totals = left.binadeTotals, let otherTotals = right.binadeTotals
      else {
        return .unavailable("a mask has no counts per magnitude of \(left.tensor.name)")
      }
      guard totals == otherTotals else {
        return .unavailable("the base weights of \(left.tensor.name) differ between the masks")
      }
      strata.add(binadesA, binadesB, of: totals)
    }
    return sampled(strata)
  }
}

extension Strata {
  fileprivate mutating func add(_ a: BinadeProfile, _ b: BinadeProfile, of totals: BinadeProfile) {
    for field in totals.fields { add(a[field], b[field], of: totals[field]) }
  }
}
