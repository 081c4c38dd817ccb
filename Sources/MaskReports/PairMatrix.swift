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
    } diagonal: { own in
      guard case .metric(let metric) = value else { return nil }
      return metric.value(in: PairMetrics(own))
    }
  }

  /// A square of what `cell` says of every pair, and `diagonal` of every mask against itself.
  static func square<Cell>(
    _ report: OverlapReport,
    _ cell: (PairOverlap, _ isTurned: Bool) -> Cell?,
    diagonal: (ContingencyTable) -> Cell?
  ) -> [[Cell?]] {
    let places = Dictionary(
      zip(report.masks.map(\.id), report.masks.indices),
      uniquingKeysWith: { first, _ in first }
    )
    var values = report.masks.map { _ in [Cell?](repeating: nil, count: report.masks.count) }
    for (place, own) in report.ownTables.enumerated() { values[place][place] = diagonal(own) }
    for pair in report.pairs {
      guard let a = places[pair.a], let b = places[pair.b] else { continue }
      values[a][b] = cell(pair, false)
      values[b][a] = cell(pair, true)
    }
    return values
  }
}

extension OverlapReport {
  /// Every mask against itself, on the tensors that pairs are compared on: where these are some of them,
  /// as far as the pair goes that compared most.
  var ownTables: [ContingencyTable] {
    guard let tensors, !tensors.namesLeftOut.isEmpty else {
      return masks.map { .own($0.count, of: $0.parameters) }
    }
    var own: [String: ContingencyTable] = [:]
    for pair in pairs {
      let table = pair.metrics.table
      for (mask, count) in [(pair.a, table.countA), (pair.b, table.countB)]
      where own[mask].map({ $0.parameters < table.parameters }) ?? true {
        own[mask] = .own(count, of: table.parameters)
      }
    }
    return masks.map { own[$0.id] ?? .own(0, of: 0) }
  }
}

extension ContingencyTable {
  /// A mask of `count` of `parameters` against itself.
  fileprivate static func own(_ count: Int, of parameters: Int) -> ContingencyTable {
    ContingencyTable(parameters: parameters, countA: count, countB: count, intersection: count)
  }
}
