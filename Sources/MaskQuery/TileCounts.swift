internal import MaskModel

extension WordRow {
  /// The first word: good for as long as the box lives and nothing else writes its words.
  fileprivate var start: UnsafePointer<UInt64>? { unsafe words.start }
}

extension WordBuffer {
  fileprivate var start: UnsafePointer<UInt64>? {
    unsafe span.withUnsafeBufferPointer { $0.baseAddress }
  }
}

/// Counting on decoded rows: where the kernels are called.
enum TileCounts {
  /// The counts of `shape` over the first `words` words of `rows`, cell by cell.
  static func count(_ shape: TilePlan.Shape, rows: [WordRow], words: Int) -> [UInt64] {
    precondition(words <= SegmentGrid.words, "a tile is one segment")
    var counts = [UInt64](repeating: 0, count: shape.cellCount)
    withExtendedLifetime(rows) {
      switch shape {
      case .triangle(let k):
        unsafe Kernels.countPairs(
          rows.prefix(k).map { unsafe $0.start },
          words: words,
          into: &counts
        )
      case .rectangle(let left, let right):
        unsafe Kernels.countCross(
          left.map { unsafe rows[$0].start },
          right.map { unsafe rows[$0].start },
          words: words,
          into: &counts
        )
      }
    }
    return counts
  }
}
