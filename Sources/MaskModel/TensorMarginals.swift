/// What is counted once when a mask is made and makes every null cheap: how many positions of one
/// tensor changed, in every row, column and binade of the base weight.
///
/// All counts are over the domain: the leading rows of the tensor that were compared.
public struct TensorMarginals: Sendable, Hashable {
  /// The changed positions.
  public let count: Int
  /// The changed positions in every compared row; nil for fewer than two dimensions, or for more
  /// than `limit` rows.
  public let rows: [UInt32]?
  /// The changed positions in every column; nil likewise.
  public let columns: [UInt32]?
  /// The changed positions by fp32 exponent field (0...255) of the base value in the compare dtype;
  /// nil where the base's exponents were not at hand.
  public let binades: BinadeProfile?

  /// The most rows or columns that are counted one by one.
  public static let limit = 1 << 24

  /// Marginals of one tensor.
  public init(count: Int, rows: [UInt32]?, columns: [UInt32]?, exponents: [Int]?) {
    self.count = count
    self.rows = rows
    self.columns = columns
    binades = exponents.map { BinadeProfile($0) }
  }

  /// The counts of `binades`, all 256 of them.
  public var exponents: [Int]? { binades?.all }
}

/// One tensor of one mask, as far as counting goes: everything the nulls need but the bits.
public struct TensorCounts: Sendable, Hashable {
  /// The tensor.
  public let tensor: TensorLayout
  /// The leading positions that were compared; 0 where the tensor was skipped.
  public let compared: Int
  /// What was counted over them.
  public let marginals: TensorMarginals
  /// The compared positions by fp32 exponent field of the base value; nil where unknown.
  public let binadeTotals: BinadeProfile?

  /// The counts of `tensor`.
  public init(
    tensor: TensorLayout,
    compared: Int,
    marginals: TensorMarginals,
    exponentTotals: [Int]?
  ) {
    self.tensor = tensor
    self.compared = compared
    self.marginals = marginals
    binadeTotals = exponentTotals.map { BinadeProfile($0) }
  }

  /// The counts of `binadeTotals`, all 256 of them.
  public var exponentTotals: [Int]? { binadeTotals?.all }
}
