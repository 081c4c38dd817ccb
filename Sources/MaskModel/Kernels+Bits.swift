internal import CMaskKernels

extension Kernels {
  /// Adds the set bits of every row of a row-major matrix to `counts`, one counter a row.
  ///
  /// `words` holds the positions `range` of the matrix. The corresponding C function is
  /// `mk_row_counts`.
  package static func addRows(
    _ words: Span<UInt64>,
    range: Range<Int>,
    columns: Int,
    to counts: inout [UInt32]
  ) {
    guard !range.isEmpty else { return }
    precondition(words.count >= SegmentGrid.words(for: range.count), "too few words")
    precondition((range.upperBound - 1) / columns < counts.count, "too few rows")
    unsafe words.withUnsafeBufferPointer { words in
      unsafe counts.withUnsafeMutableBufferPointer { counts in
        let first = unsafe counts.baseAddress.map { unsafe $0 + range.lowerBound / columns }
        unsafe mk_row_counts(
          words.baseAddress,
          range.count,
          columns,
          range.lowerBound % columns,
          first
        )
      }
    }
  }

  /// Adds the set bits of every column of a row-major matrix to `counts`, one counter a column.
  ///
  /// The corresponding C function is `mk_column_counts`.
  package static func addColumns(
    _ words: Span<UInt64>,
    range: Range<Int>,
    columns: Int,
    to counts: inout [UInt32]
  ) {
    precondition(words.count >= SegmentGrid.words(for: range.count), "too few words")
    precondition(counts.count == columns, "one counter a column")
    unsafe words.withUnsafeBufferPointer { words in
      unsafe counts.withUnsafeMutableBufferPointer {
        unsafe mk_column_counts(
          words.baseAddress,
          range.count,
          columns,
          range.lowerBound % columns,
          $0.baseAddress
        )
      }
    }
  }

  /// Adds the intersections of every two of `rows`, each `words` long, to the upper triangle of the
  /// k x k matrix `counts`.
  ///
  /// The corresponding C function is `mk_count_pairs`.
  package static func countPairs(
    _ rows: [UnsafePointer<UInt64>?],
    words: Int,
    into counts: inout [UInt64]
  ) {
    precondition(unsafe counts.count == rows.count * rows.count, "the counts are k x k")
    unsafe rows.withUnsafeBufferPointer { rows in
      unsafe counts.withUnsafeMutableBufferPointer {
        unsafe mk_count_pairs(rows.baseAddress, rows.count, words, $0.baseAddress)
      }
    }
  }

  /// Adds the intersection of every row of `left` with every row of `right` to the m x n matrix
  /// `counts`.
  ///
  /// The corresponding C function is `mk_count_cross`.
  package static func countCross(
    _ left: [UnsafePointer<UInt64>?],
    _ right: [UnsafePointer<UInt64>?],
    words: Int,
    into counts: inout [UInt64]
  ) {
    precondition(unsafe counts.count == left.count * right.count, "the counts are m x n")
    unsafe left.withUnsafeBufferPointer { left in
      unsafe right.withUnsafeBufferPointer { right in
        unsafe counts.withUnsafeMutableBufferPointer {
          unsafe mk_count_cross(
            left.baseAddress,
            left.count,
            right.baseAddress,
            right.count,
            words,
            $0.baseAddress
          )
        }
      }
    }
  }
}
