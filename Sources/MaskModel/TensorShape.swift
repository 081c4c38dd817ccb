/// The dimensions of a tensor, outermost first, with their product known to fit 63 bits.
///
/// A tensor of two or more dimensions is read as a matrix: rows are the product of all dimensions
/// but the last, columns the last. Fewer dimensions have neither.
public struct TensorShape: Sendable, Hashable {
  /// The dimensions, outermost first; none for a scalar.
  public let dimensions: [Int]
  /// The number of positions: the product of the dimensions, 1 for a scalar.
  public let count: Int

  /// Nil where a dimension is negative or the product overflows.
  public init?(_ dimensions: [Int]) {
    var count = 1
    for dimension in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { return nil }
      count = product
    }
    self.dimensions = dimensions
    self.count = count
  }

  /// Whether rows and columns are defined.
  public var isMatrix: Bool { dimensions.count >= 2 }

  /// The index of `position` in every dimension.
  public func index(of position: Int) -> [Int] {
    var rest = position
    return Array(
      dimensions.reversed().map { size in
        defer { rest /= max(size, 1) }
        return rest % max(size, 1)
      }.reversed()
    )
  }

  /// Whether a mask may be about the leading `compared` positions alone: whole rows of a matrix.
  public func mayCompare(_ compared: Int) -> Bool {
    (0...count).contains(compared) && (!isMatrix || compared.isMultiple(of: max(columns, 1)))
  }

  /// The columns of the matrix; the count of a vector; 1 for a scalar.
  public var columns: Int { dimensions.last ?? 1 }

  /// The rows of the matrix: 1 for a vector or scalar, 0 where the columns are.
  public var rows: Int { columns == 0 ? 0 : count / columns }
}

extension TensorShape: CustomStringConvertible {
  /// The dimensions as researchers write them, such as `[4096, 1024]`.
  public var description: String {
    "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
  }
}
