internal import MaskModel

/// Counts of one mask restricted to the leading positions that another mask compared, too.
struct DomainRestriction {
  let mask: any MaskReader
  let compareType: FloatType
  /// The base's values, if they can be read.
  let base: BaseValues?

  /// `counts` of tensor `tensor` over the first `compared` positions.
  ///
  /// Rows are a prefix of what is kept; columns are counted again from the bits. Binades lose those
  /// of the positions beyond, for which the base's values are read.
  ///
  /// - Parameters:
  ///   - counts: what is kept of the mask.
  ///   - tensor: the place in the layout.
  ///   - compared: the leading positions that count.
  ///   - totals: the base's binades over them, if known.
  /// - Returns: the restricted counts, without binades where the base is not to be had.
  /// - Throws: where the mask or the base cannot be read.
  func restrict(
    _ counts: TensorCounts,
    tensor: Int,
    to compared: Int,
    totals: [Int]?
  ) throws -> TensorCounts {
    guard compared < counts.compared else { return counts }
    guard compared > 0 else {
      let none = TensorMarginals(count: 0, rows: nil, columns: nil, exponents: nil)
      return TensorCounts(
        tensor: counts.tensor,
        compared: 0,
        marginals: none,
        exponentTotals: nil
      )
    }
    return TensorCounts(
      tensor: counts.tensor,
      compared: compared,
      marginals: try recount(counts, tensor: tensor, to: compared),
      exponentTotals: totals
    )
  }

  private func recount(
    _ counts: TensorCounts,
    tensor: Int,
    to compared: Int
  ) throws -> TensorMarginals {
    let shape = counts.tensor.shape
    var columns = counts.marginals.columns.map { [UInt32](repeating: 0, count: $0.count) }
    var count = 0
    var words = WordBuffer()
    for number in 0..<SegmentGrid.count(positions: compared) {
      let range = SegmentGrid.range(number, positions: compared)
      _ = try mask.read(tensor: tensor, segment: number, into: &words)
      words.clear(from: range.count)
      count += Kernels.count(words.span)
      guard var sums = columns.take() else { continue }
      Kernels.addColumns(words.span, range: range, columns: shape.columns, to: &sums)
      columns = sums
    }
    let rows = counts.marginals.rows.map { Array($0.prefix(compared / max(shape.columns, 1))) }
    return TensorMarginals(
      count: count,
      rows: rows,
      columns: columns,
      exponents: try exponents(counts, tensor: tensor, to: compared)
    )
  }

  /// The binades of the whole mask less those of the positions beyond `compared`.
  private func exponents(
    _ counts: TensorCounts,
    tensor: Int,
    to compared: Int
  ) throws -> [Int]? {
    guard let all = counts.marginals.exponents, let base else { return nil }
    let beyond = try base.exponents(
      of: mask,
      tensor: tensor,
      in: compared..<counts.compared,
      as: compareType
    )
    return beyond.map { zip(all, $0).map(-) }
  }
}
