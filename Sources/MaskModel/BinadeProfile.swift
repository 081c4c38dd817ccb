/// Counts by binade: by the fp32 exponent field (0...255) of a weight of the base.
///
/// The weights of a tensor lie in some twenty binades, so only those from the first to the last that
/// occur are held: a model may have very many tensors.
public struct BinadeProfile: Sendable, Hashable {
  /// The fields that may have counts; all others have none.
  public let fields: Range<Int>
  private let counts: [Int]

  /// A profile of the counts of the fields from 0 on, at most 256.
  public init(_ all: [Int]) {
    precondition(all.count <= Self.fieldCount, "there are 256 exponent fields")
    let first = all.firstIndex { $0 != 0 } ?? 0
    let end = (all.lastIndex { $0 != 0 } ?? -1) + 1
    fields = first..<end
    counts = Array(all[fields])
  }

  /// The count of exponent field `field`.
  public subscript(field: Int) -> Int {
    fields.contains(field) ? counts[field - fields.lowerBound] : 0
  }

  /// All 256 counts.
  public var all: [Int] { (0..<Self.fieldCount).map { self[$0] } }

  /// The sum of the counts; nil where it overflows.
  public var total: Int? {
    counts.reduce(0) { sum, count in
      guard let sum else { return nil }
      let (next, overflow) = sum.addingReportingOverflow(count)
      return overflow ? nil : next
    }
  }

  private static let fieldCount = 256
}
