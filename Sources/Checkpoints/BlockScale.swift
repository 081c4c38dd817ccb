/// The factors that turn stored fp8 values into weights, one for each block of a matrix.
///
/// The weight in row i, column j is the stored value times
/// `values[(i / blockRows) * blocksPerRow + j / blockColumns]`.
public struct BlockScale: Sendable, Hashable {
  /// The factors, row by row of blocks.
  public let values: [Float]
  /// The rows a block has; the last block may have fewer.
  public let blockRows: Int
  /// The columns a block has; the last block may have fewer.
  public let blockColumns: Int
  /// The factors in one row of blocks.
  public let blocksPerRow: Int
}
