internal import MaskModel

/// A way to divide a matrix, or a stack of them, into blocks with one factor each.
struct BlockGrid {
  let block: (rows: Int, columns: Int)
  /// The shape of the factors.
  let shape: [Int]

  /// The ways that scales of a tensor are stored in: blocks, matrices, the whole, rows.
  ///
  /// Blocks may not straddle the matrices of a stack, so that a row of the stack is in one block.
  static func candidates(
    for tensor: TensorShape,
    blockSize: (rows: Int, columns: Int)
  ) -> [BlockGrid] {
    let stack = Array(tensor.dimensions.dropLast(2))
    let rows = max(tensor.dimensions.dropLast().last ?? 1, 1)
    let columns = max(tensor.columns, 1)
    let wholeRows = max(tensor.rows, 1)
    var grids = [
      BlockGrid(block: (rows, columns), shape: stack + [1, 1]),
      BlockGrid(block: (wholeRows, columns), shape: [1, 1]),
      BlockGrid(block: (1, columns), shape: stack + [rows, 1]),
    ]
    if stack.isEmpty || rows % blockSize.rows == 0 {
      let down = (rows - 1) / blockSize.rows + 1
      let across = (columns - 1) / blockSize.columns + 1
      grids.insert(BlockGrid(block: blockSize, shape: stack + [down, across]), at: 0)
    }
    return grids
  }

  /// Whether `factors` is the shape, where ones at the end may be left out.
  func fits(_ factors: [Int]) -> Bool {
    func withoutOnes(_ shape: [Int]) -> ArraySlice<Int> {
      shape[..<((shape.lastIndex { $0 != 1 } ?? -1) + 1)]
    }
    return withoutOnes(factors) == withoutOnes(shape)
  }
}
