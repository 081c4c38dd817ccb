internal import Synchronization

/// The marginals of one tensor of one mask while its segments come in, in any order, from several
/// workers.
///
/// Counters exist from the first segment to `finish`, so that of a large model only those of the
/// tensors under way are in memory.
package final class TensorTally: Sendable {
  private struct Sums {
    var count = 0
    var rows: [UInt32]
    var columns: [UInt32]
    var exponents = [UInt64](repeating: 0, count: 256)
    var segments: [SegmentDigest]
  }

  private let shape: TensorShape
  private let rowCount: Int?
  private let columnCount: Int?
  private let sums = Mutex<Sums?>(nil)

  /// For a tensor of `shape` of which the leading `compared` positions are compared.
  package init(_ shape: TensorShape, compared: Int) {
    self.shape = shape
    let rows = shape.isMatrix && shape.columns > 0 ? compared / shape.columns : nil
    rowCount = rows.flatMap { $0 <= TensorMarginals.limit ? $0 : nil }
    columnCount = rows.flatMap { _ in
      shape.columns <= TensorMarginals.limit ? shape.columns : nil
    }
  }

  /// Adds the bits of segment `number`, which stand at the positions `range`.
  package func add(
    _ words: borrowing WordBuffer,
    range: Range<Int>,
    number: Int,
    digest: SegmentDigest,
    exponents: [UInt64]
  ) {
    sums.withLock { state in
      var sums = state.take() ?? blank
      sums.count += digest.count
      sums.segments[number] = digest
      for field in 0..<256 { sums.exponents[field] += exponents[field] }
      if digest.count > 0, rowCount != nil {
        Kernels.addRows(words.span, range: range, columns: shape.columns, to: &sums.rows)
      }
      if digest.count > 0, columnCount != nil {
        Kernels.addColumns(words.span, range: range, columns: shape.columns, to: &sums.columns)
      }
      state = sums
    }
  }

  /// What was counted, and the segments' digests in order; forgets both.
  package func finish() -> (TensorMarginals, [SegmentDigest]) {
    let sums = sums.withLock { $0.take() } ?? blank
    let marginals = TensorMarginals(
      count: sums.count,
      rows: rowCount == nil ? nil : sums.rows,
      columns: columnCount == nil ? nil : sums.columns,
      exponents: sums.exponents.map { Int($0) }
    )
    return (marginals, sums.segments)
  }

  private var blank: Sums {
    Sums(
      rows: [UInt32](repeating: 0, count: rowCount ?? 0),
      columns: [UInt32](repeating: 0, count: columnCount ?? 0),
      segments: Array(
        repeating: SegmentDigest(count: 0, checksum: 0),
        count: SegmentGrid.count(positions: shape.count)
      )
    )
  }
}
