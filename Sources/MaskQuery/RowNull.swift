internal import MaskModel

extension PairCounts {
  /// `Null.row`: E = Σ_t Σ_i a_ti b_ti / columns_t, one stratum a row.
  ///
  /// A tensor of fewer than two dimensions is one stratum.
  var rowNull: NullResult {
    var strata = Strata()
    for tensor in compared {
      let shape = a[tensor].tensor.shape
      if let rowsA = a[tensor].marginals.rows, let rowsB = b[tensor].marginals.rows {
        strata.add(rowsA, rowsB, each: shape.columns)
      } else if shape.isMatrix {
        return .unavailable(noProfile(tensor, "row", extent: shape.rows))
      } else {
        strata.add(tensor: tensor, of: self)
      }
    }
    return sampled(strata)
  }

  /// Why tensor `tensor` has no counts per row or column, `axis`, of which it has `extent`.
  func noProfile(_ tensor: Int, _ axis: String, extent: Int) -> String {
    let name = a[tensor].tensor.name
    return extent > TensorMarginals.limit
      ? "\(name) has \(extent) \(axis)s, more than are counted one by one"
      : "a mask has no counts per \(axis) of \(name)"
  }
}
