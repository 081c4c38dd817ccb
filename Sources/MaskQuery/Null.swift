/// What a comparison with chance keeps of the two masks: which random masks a pair is held against.
///
/// Every null places the changed positions of both masks independently and uniformly within strata;
/// it keeps the number that each mask has in every stratum. The finer the strata, the more of an
/// overlap is explained before anything is left to report. The raw value is the name in options,
/// tables and JSON.
public enum Null: String, Sendable, Hashable, CaseIterable {
  /// Keeps the size of each mask: the null of arXiv 2505.11711, section 4.
  case global
  /// Keeps its size in every tensor.
  case tensor
  /// Keeps its count in every row of every tensor.
  case row
  /// Keeps its count in every column of every tensor.
  case column
  /// Keeps both, as a rank-one (Chung-Lu) model of each tensor: p(i, j) = r(i) c(j) / a.
  case rowColumn = "row_column"
  /// Keeps its count per tensor and per binade of the base weight.
  case magnitude
}

extension Null {
  /// Whether the null is a way of sampling, so that the overlap has a variance and a z.
  ///
  /// `rowColumn` only models the expected overlap.
  public var hasVariance: Bool { self != .rowColumn }

  /// Whether it needs the counts of rows or columns.
  var needsMargins: Bool { self == .row || self == .column || self == .rowColumn }
}
