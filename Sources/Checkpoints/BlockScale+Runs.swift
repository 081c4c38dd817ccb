/// Positions of one row that share a factor.
struct ScaleRun {
  let positions: Range<Int>
  let factor: Float
}

extension BlockScale {
  /// The positions `range` of a matrix of `columns` in runs of one factor each, in order.
  func runs(over range: Range<Int>, columns: Int) -> [ScaleRun] {
    var runs: [ScaleRun] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let (row, column) = (position / columns, position % columns)
      let block = column / blockColumns
      let end = min((block + 1) * blockColumns, columns) - column + position
      let upper = min(end, range.upperBound)
      let factor = values[row / blockRows * blocksPerRow + block]
      runs.append(ScaleRun(positions: position..<upper, factor: factor))
      position = upper
    }
    return runs
  }
}
