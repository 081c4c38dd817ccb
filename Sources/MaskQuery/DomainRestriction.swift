internal import MaskModel

/// Counts of one mask restricted to the leading positions that another mask compared, too.
struct DomainRestriction {
  let mask: any MaskReader
  /// The exponents of the base's weights in the compare dtype of the mask, if they can be had.
  let binades: (any BinadeReader)?

  /// The marginals of tensor `tensor`, of which `counts` are kept, over its first `compared`
  /// positions.
  ///
  /// Counted again from the bits. Binades lose those of the positions beyond, for which the base's
  /// exponents are read; where they are not to be had there are none.
  ///
  /// - Throws: where the mask or the base cannot be read.
  func marginals(
    _ counts: TensorCounts,
    tensor: Int,
    to compared: Int
  ) throws -> TensorMarginals {
    guard compared > 0 else {
      return TensorMarginals(count: 0, rows: nil, columns: nil, exponents: nil)
    }
    let counted = try TensorMarginals(countedFrom: mask, tensor: tensor, to: compared)
    return TensorMarginals(
      count: counted.count,
      rows: counted.rows,
      columns: counted.columns,
      exponents: try exponents(counts, tensor: tensor, to: compared)
    )
  }

  /// The binades of the whole mask less those of the positions beyond `compared`.
  private func exponents(
    _ counts: TensorCounts,
    tensor: Int,
    to compared: Int
  ) throws -> [Int]? {
    guard let all = counts.marginals.exponents, let binades else { return nil }
    let beyond = try binades.counts(of: mask, tensor: tensor, in: compared..<counts.compared)
    return zip(all, beyond).map(-)
  }
}
