internal import MaskModel

/// Which recorded fields masks may differ in and still overlap: a table like the paper's Table 4.
///
/// A row holds the pairs of runs that differ in its factors and in no other recorded field, so that
/// the rows of one factor say what it alone takes away (arXiv 2505.11711, Table 4: seed; data; seed,
/// data and algorithm).
public struct FactorTable: Sendable {
  /// A pair of runs, A being the one whose values come first in natural order.
  public struct Pair: Sendable {
    /// The overlap of A and B.
    public let overlap: PairOverlap
    /// The values of the factors in A; nil where nothing is recorded.
    public let valuesA: [String?]
    /// The values of the factors in B.
    public let valuesB: [String?]
  }

  /// The pairs that differ in the same factors.
  public struct Row: Sendable {
    /// The factors; none for runs of which nothing recorded differs.
    public let factors: [String]
    /// Whether every factor is recorded of both runs of each pair.
    ///
    /// Where one run does not record a field, nothing says that they are equal in it, or that they differ:
    /// such pairs have rows of their own.
    public let isRecorded: Bool
    /// The pairs.
    public let pairs: [Pair]
  }

  /// The rows of one factor, then those of several, in the order of the fields; of the same factors
  /// those that are recorded first.
  public let rows: [Row]

  /// The table of `overlaps`, which hold every pair of `cases` in order.
  ///
  /// A pair whose values come in the other order is turned around, so that coverages of a row read
  /// one way.
  public init(_ cases: [RunCase], overlaps: [PairOverlap], factors: RunFactors) {
    let order = Dictionary(uniqueKeysWithValues: zip(factors.fields, factors.fields.indices))
    var members: [Differing: [Pair]] = [:]
    for (place, overlap) in zip(MaskPair.all(of: cases.count), overlaps) {
      let (a, b) = (cases[place.a], cases[place.b])
      let fields = factors.differences(a, b)
      let isRecorded = fields.allSatisfy { a.fields[$0] != nil && b.fields[$0] != nil }
      members[Differing(factors: fields, isRecorded: isRecorded), default: []]
        .append(Pair(a, b, overlap, factors: fields))
    }
    rows = members.map { Row(factors: $0.factors, isRecorded: $0.isRecorded, pairs: $1) }
      .sorted { left, right in
        if left.factors.count != right.factors.count {
          return left.factors.count < right.factors.count
        }
        let (a, b) = (left.factors.map { order[$0] ?? 0 }, right.factors.map { order[$0] ?? 0 })
        return a == b ? left.isRecorded && !right.isRecorded : a.lexicographicallyPrecedes(b)
      }
  }

  /// What two runs differ in, or may.
  private struct Differing: Hashable {
    let factors: [String]
    let isRecorded: Bool
  }
}

extension FactorTable.Pair {
  fileprivate init(_ a: RunCase, _ b: RunCase, _ overlap: PairOverlap, factors: [String]) {
    let (left, right) = (factors.map { a.fields[$0] }, factors.map { b.fields[$0] })
    let unequal = factors.first { a.values[$0] != b.values[$0] }
    let isTurned =
      unequal.map {
        NaturalOrder.precedes(b.fields[$0] ?? "", a.fields[$0] ?? "")
      } ?? false
    self.overlap = isTurned ? overlap.swapped : overlap
    valuesA = isTurned ? right : left
    valuesB = isTurned ? left : right
  }
}

extension FactorTable.Row {
  /// The mean over the pairs that have a value, and how many have; nil where none has.
  public func mean(_ quantity: FactorQuantity) -> (value: Double, pairs: Int)? {
    let mean = GroupComparison.Mean(pairs.compactMap { quantity.value(of: $0.overlap) })
    return mean.value.map { ($0, mean.pairs) }
  }
}
