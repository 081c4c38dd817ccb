internal import CMaskKernels

extension Kernels {
  /// Where the first bit of a stretch of a row-major matrix stands.
  package struct MatrixOrigin {
    package let columns: Int
    package let row: Int
    package let column: Int

    package init(position: Int, columns: Int) {
      self.columns = columns
      self.row = position / columns
      self.column = position % columns
    }
  }

  /// Adds the set bits of every row to `rows`, those of every column to `columns`.
  package static func addMargins(
    _ words: Span<UInt64>, count: Int, from origin: MatrixOrigin,
    rows: inout [UInt32], columns: inout [UInt32]
  ) {
    precondition(words.count >= SegmentGrid.words(for: count), "the row of words is short")
    precondition(columns.count == origin.columns, "one counter a column")
    precondition((origin.row * origin.columns + origin.column + count - 1) / origin.columns < rows.count)
    unsafe words.withUnsafeBufferPointer { words in
      unsafe rows.withUnsafeMutableBufferPointer {
        guard let first = $0.baseAddress else { return }
        unsafe mk_row_counts(
          words.baseAddress, count, origin.columns, origin.column, first + origin.row)
      }
      unsafe columns.withUnsafeMutableBufferPointer {
        unsafe mk_column_counts(
          words.baseAddress, count, origin.columns, origin.column, $0.baseAddress)
      }
    }
  }

  /// Adds the intersections of every two of `rows`, `words` long each, to the upper triangle of the
  /// k x k matrix `counts`.
  package static func countPairs(
    _ rows: [UnsafePointer<UInt64>?], words: Int, into counts: inout [UInt64]
  ) {
    precondition(unsafe counts.count == rows.count * rows.count)
    unsafe rows.withUnsafeBufferPointer { rows in
      unsafe counts.withUnsafeMutableBufferPointer {
        unsafe mk_count_pairs(rows.baseAddress, rows.count, words, $0.baseAddress)
      }
    }
  }

  /// Adds the intersection of every row of `left` with every row of `right` to the m x n matrix.
  package static func countCross(
    _ left: [UnsafePointer<UInt64>?], _ right: [UnsafePointer<UInt64>?], words: Int,
    into counts: inout [UInt64]
  ) {
    precondition(unsafe counts.count == left.count * right.count)
    unsafe left.withUnsafeBufferPointer { left in
      unsafe right.withUnsafeBufferPointer { right in
        unsafe counts.withUnsafeMutableBufferPointer {
          unsafe mk_count_cross(
            left.baseAddress, left.count, right.baseAddress, right.count, words, $0.baseAddress)
        }
      }
    }
  }
}
