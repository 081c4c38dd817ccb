/// Sums over the rows, or the columns, of one tensor: strata of one size.
struct ProfileSums {
  /// Σ a(i) b(i), exact.
  private(set) var products: UInt128 = 0
  /// Σ min(a(i), b(i)).
  private(set) var minima = 0
  /// Σ a(i) b(i) (n - a(i)) (n - b(i)).
  let spread: Double

  /// Sums the profiles `a` and `b`, equally long, of strata of `size` positions.
  ///
  /// One pass; about a nanosecond an element.
  init(_ a: [UInt32], _ b: [UInt32], size: Int) {
    precondition(a.count == b.count, "the profiles are of one tensor")
    let (left, right) = (a.span, b.span)
    var spreads = CompensatedSum()
    for start in stride(from: 0, to: a.count, by: Self.chunk) {
      var chunkSpread = 0.0
      for i in start..<min(start + Self.chunk, a.count) {
        let (x, y) = (Int(left[i]), Int(right[i]))
        products += UInt128(UInt64(x).multipliedFullWidth(by: UInt64(y)))
        minima += min(x, y)
        chunkSpread += Double(x) * Double(y) * Double(size - x) * Double(size - y)
      }
      spreads.add(chunkSpread)
    }
    spread = spreads.value
  }

  /// Short enough that plain addition within it loses less than 3e-14.
  private static let chunk = 256
}

extension UInt128 {
  /// The number whose halves are `parts`.
  init(_ parts: (high: UInt64, low: UInt64)) {
    self = UInt128(parts.high) << 64 | UInt128(parts.low)
  }
}
