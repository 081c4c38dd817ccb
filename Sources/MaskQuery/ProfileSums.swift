/// Sums over the rows, or the columns, of one tensor: strata of one size.
struct ProfileSums {
  /// Σ a(i) b(i).
  let products: ProductSum
  /// Σ min(a(i), b(i)).
  let minima: Int
  /// Σ a(i) b(i) (n - a(i)) (n - b(i)).
  let spread: Double

  /// Sums the profiles `a` and `b`, equally long, of strata of `size` positions.
  ///
  /// One pass, about two nanoseconds an element.
  init(_ a: [UInt32], _ b: [UInt32], size: Int) {
    precondition(a.count == b.count, "the profiles are of one tensor")
    let (left, right, n) = (a.span, b.span, Double(size))
    var (products, minima, spreads) = (ProductSum(), 0, CompensatedSum())
    for start in stride(from: 0, to: left.count, by: Self.chunk) {
      var spread = 0.0
      for i in start..<min(start + Self.chunk, left.count) {
        let (x, y) = (Double(left[i]), Double(right[i]))
        products.add(left[i], times: right[i])
        minima &+= Int(min(left[i], right[i]))
        spread += (x * (n - x)) * (y * (n - y))
      }
      spreads.add(spread)
    }
    self.products = products
    self.minima = minima
    spread = spreads.value
  }

  /// Short enough that plain addition within it loses less than 3e-14.
  private static let chunk = 256
}
