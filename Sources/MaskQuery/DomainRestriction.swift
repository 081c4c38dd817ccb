internal import MaskModel

/// Counts of one mask restricted to the leading positions that another mask compared, too.
struct DomainRestriction {
  let mask: any MaskReader
  let compareType: FloatType?
  /// The base's values, if they can be read.
  let base: BaseValues?

  /// The marginals of tensor `tensor`, of which `counts` are kept, over its first `compared`
  /// positions.
  ///
  /// Counted again from the bits. Binades lose those of the positions beyond, for which the base's
  /// values are read; where the base is not to be had there are none.
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
    guard let all = counts.marginals.exponents, let base, let compareType else { return nil }
    let beyond = try base.exponents(
      of: mask,
      tensor: tensor,
      in: compared..<counts.compared,
      as: compareType
    )
    return beyond.map { zip(all, $0).map(-) }
  }
}
