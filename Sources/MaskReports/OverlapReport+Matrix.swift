internal import MaskQuery

extension OverlapReport {
  /// The Jaccard index of every two masks; nil for fewer than three masks, more than sixteen, or
  /// where pairs are missing.
  ///
  /// The matrix is symmetric; rows carry the labels, columns the rows' numbers.
  var jaccardMatrix: TextTable? {
    guard (3...Self.matrixLimit).contains(masks.count) else { return nil }
    let indices = Dictionary(
      pairs.flatMap { pair in
        [[pair.a, pair.b], [pair.b, pair.a]].map { ($0, pair.metrics.jaccard) }
      },
      uniquingKeysWith: { first, _ in first }
    )
    let numbers = masks.indices.map { TextTable.Column("\($0 + 1)") }
    var table = TextTable([TextTable.Column("#"), TextTable.Column("Jaccard", .left)] + numbers)
    for (place, label) in MaskLabels(masks).labels.enumerated() {
      let cells = masks.map { other in
        other.id == masks[place].id ? .some(1) : indices[[masks[place].id, other.id]]
      }
      guard cells.allSatisfy({ $0 != nil }) else { return nil }
      table.append(
        [TextTable.Cell("\(place + 1)"), TextTable.Cell(label)]
          + cells.compactMap(\.self).map { TextTable.Cell($0.map(NumberText.share) ?? "-") }
      )
    }
    return table
  }

  /// The most masks whose matrix fits a terminal.
  private static var matrixLimit: Int { 16 }
}
