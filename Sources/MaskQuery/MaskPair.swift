/// Two masks of a list, by their places in it.
public struct MaskPair: Sendable, Hashable {
  /// The place of mask A.
  public let a: Int
  /// The place of mask B.
  public let b: Int

  /// The pair of the masks at `a` and `b`.
  public init(_ a: Int, _ b: Int) {
    self.a = a
    self.b = b
  }
}

extension MaskPair {
  /// Every unordered pair of `count` masks, a < b, in order of a, then b.
  public static func all(of count: Int) -> [MaskPair] {
    (0..<count).flatMap { a in (a + 1..<max(count, a + 1)).map { MaskPair(a, $0) } }
  }

  /// The same two masks, the earlier one first.
  var ordered: MaskPair { MaskPair(min(a, b), max(a, b)) }
}
