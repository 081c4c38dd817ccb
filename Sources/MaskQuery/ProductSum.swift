/// An exact sum of up to 2^32 products of 32-bit numbers.
///
/// The halves of the products are summed apart, so no sum overflows and the loop stays in registers.
struct ProductSum {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  /// The sum.
  var value: UInt128 { UInt128(high) << 32 + UInt128(low) }

  /// Adds `x` `y`.
  mutating func add(_ x: UInt32, times y: UInt32) {
    let product = UInt64(x) &* UInt64(y)
    low &+= product & 0xFFFF_FFFF
    high &+= product >> 32
  }
}

extension ProductSum {
  /// Σ a(i) b(i) of two equally long profiles.
  init(_ a: [UInt32], _ b: [UInt32]) {
    precondition(a.count == b.count, "the profiles are of one tensor")
    let (left, right) = (a.span, b.span)
    for i in left.indices { add(left[i], times: right[i]) }
  }
}
