internal import MaskQuery

extension OverlapReport {
  /// The Jaccard index of every two masks; nil for fewer than three masks, more than sixteen, or
  /// where pairs are missing.
  ///
  /// The matrix is symmetric; rows carry the labels, columns the rows' numbers.
  var jaccardMatrix: TextTable? {
    guard (3...Self.matrixLimit).contains(masks.count),
      pairs.count == MaskPair.all(of: masks.count).count
    else { return nil }
    let matrix = PairMatrix(self, .metric(.jaccard))
    let numbers = masks.indices.map { TextTable.Column("\($0 + 1)") }
    var table = TextTable([TextTable.Column("#"), TextTable.Column("Jaccard", .left)] + numbers)
    for (place, label) in matrix.labels.enumerated() {
      let cells = matrix.values[place].map { TextTable.Cell($0.map(NumberText.share) ?? "-") }
      table.append([TextTable.Cell("\(place + 1)"), TextTable.Cell(label)] + cells)
    }
    return table
  }

  /// The most masks whose matrix fits a terminal.
  private static var matrixLimit: Int { 16 }
}
