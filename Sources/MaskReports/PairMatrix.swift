internal import MaskQuery

/// One value of every two masks, row by row; nil where a pair has none or is not there.
struct PairMatrix {
  /// What the masks are called.
  let labels: [String]
  /// The values; in row i and column j the pair with A = i, B = j.
  let values: [[Double?]]
  /// What the values are.
  let value: PairStatistic

  /// The matrix of `value` over the pairs of `report`.
  ///
  /// The diagonal is a mask with itself where the value needs no null, else nil.
  init(_ report: OverlapReport, _ value: PairStatistic) {
    self.value = value
    labels = MaskLabels(report.masks).labels
    values = Self.square(report) { pair, isTurned in
      value.value(of: pair, isTurned: isTurned)
    } diagonal: { mask in
      guard case .metric(let metric) = value else { return nil }
      return metric.value(in: PairMetrics(report.table(of: mask)))
    }
  }

  /// A square of what `cell` says of every pair, and `diagonal` of every mask.
  static func square<Cell>(
    _ report: OverlapReport,
    _ cell: (PairOverlap, _ isTurned: Bool) -> Cell?,
    diagonal: (MaskSummary) -> Cell?
  ) -> [[Cell?]] {
    let places = Dictionary(
      zip(report.masks.map(\.id), report.masks.indices),
      uniquingKeysWith: { first, _ in first }
    )
    var values = report.masks.map { _ in [Cell?](repeating: nil, count: report.masks.count) }
    for (place, mask) in report.masks.enumerated() { values[place][place] = diagonal(mask) }
    for pair in report.pairs {
      guard let a = places[pair.a], let b = places[pair.b] else { continue }
      values[a][b] = cell(pair, false)
      values[b][a] = cell(pair, true)
    }
    return values
  }
}

extension OverlapReport {
  /// `mask` against itself, on the tensors that pairs are compared on: where these are some of them, as
  /// far as the pair goes that compared most.
  func table(of mask: MaskSummary) -> ContingencyTable {
    let isWhole = tensors?.namesLeftOut.isEmpty ?? true
    let own = isWhole ? [] : pairs.filter { $0.a == mask.id || $0.b == mask.id }
    let pair = own.max { $0.metrics.table.parameters < $1.metrics.table.parameters }
    let found = pair.map { $0.a == mask.id ? $0.metrics.table.countA : $0.metrics.table.countB }
    let count = found ?? (isWhole ? mask.count : 0)
    return ContingencyTable(
      parameters: pair?.metrics.table.parameters ?? (isWhole ? mask.parameters : 0),
      countA: count,
      countB: count,
      intersection: count
    )
  }
}
