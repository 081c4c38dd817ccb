internal import MaskModel

extension PairCounts {
  /// `Null.column`: E = Σ_t Σ_j a_tj b_tj / rows_t, one stratum a column of the compared rows.
  ///
  /// A tensor of fewer than two dimensions is one stratum.
  var columnNull: NullResult {
    var strata = Strata()
    for tensor in compared {
      let shape = a[tensor].tensor.shape
      if let columnsA = a[tensor].marginals.columns, let columnsB = b[tensor].marginals.columns {
        strata.add(columnsA, columnsB, each: a[tensor].compared / shape.columns)
      } else if shape.isMatrix {
        return .unavailable(noProfile(tensor, "column", extent: shape.columns))
      } else {
        strata.add(tensor: tensor, of: self)
      }
    }
    return sampled(strata)
  }
}
