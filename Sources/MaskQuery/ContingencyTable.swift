/// How many positions both masks of a pair changed, one of them, or neither.
///
/// Everything is counted over the positions that both masks compared. All counts are exact;
/// products of two of them need 128 bits from about three billion parameters on.
public struct ContingencyTable: Sendable, Hashable {
  /// N: the positions compared in both masks.
  public let parameters: Int
  /// a = |A|.
  public let countA: Int
  /// b = |B|.
  public let countB: Int
  /// n11 = |A ∩ B|.
  public let intersection: Int

  /// The table of masks of `countA` and `countB` positions that share `intersection`.
  ///
  /// The four cells must not be negative.
  public init(parameters: Int, countA: Int, countB: Int, intersection: Int) {
    precondition(intersection >= 0, "an intersection is never negative")
    precondition(intersection <= min(countA, countB), "an intersection fits into both masks")
    precondition(countA - intersection <= parameters - countB, "a union fits into the parameters")
    self.parameters = parameters
    self.countA = countA
    self.countB = countB
    self.intersection = intersection
  }
}

extension ContingencyTable {
  /// |A ∪ B| = a + b - n11.
  public var union: Int { countA - intersection + countB }
  /// n10 = |A \ B|.
  public var onlyA: Int { countA - intersection }
  /// n01 = |B \ A|.
  public var onlyB: Int { countB - intersection }
  /// n00: the positions that neither changed.
  public var neither: Int { parameters - union }

  /// N n11 - a b, which is N² times the covariance of the two masks.
  var covariance: Int128 {
    Int128(parameters) * Int128(intersection) - Int128(countA) * Int128(countB)
  }
}

/// `integer`, rounded to a double.
func real(_ integer: Int128) -> Double { DoubleDouble(integer).value }

/// `part` / `whole`, nil where the whole is 0.
func share(_ part: Int, of whole: Int) -> Double? {
  whole == 0 ? nil : Double(part) / Double(whole)
}
