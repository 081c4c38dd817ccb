internal import MaskModel

/// Counts of one tensor restricted to its leading positions, where another mask compared fewer.
enum DomainRestriction {
  /// `counts` over the first `compared` positions.
  ///
  /// Rows are a prefix of what is kept; columns are counted again from the bits. Binades would need
  /// the base's values, so they are unknown.
  static func restrict(
    _ counts: TensorCounts,
    tensor: Int,
    to compared: Int,
    of mask: any MaskReader
  ) throws -> TensorCounts {
    guard compared < counts.compared else { return counts }
    let marginals =
      compared == 0
      ? TensorMarginals(count: 0, rows: nil, columns: nil, exponents: nil)
      : try recount(counts, tensor: tensor, to: compared, of: mask)
    return TensorCounts(
      tensor: counts.tensor,
      compared: compared,
      marginals: marginals,
      exponentTotals: nil
    )
  }

  private static func recount(
    _ counts: TensorCounts,
    tensor: Int,
    to compared: Int,
    of mask: any MaskReader
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
    return TensorMarginals(count: count, rows: rows, columns: columns, exponents: nil)
  }
}
