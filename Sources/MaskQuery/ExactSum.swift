/// A sum of fractions of integers: the whole part exact, the rest to about 106 bits.
///
/// Sums of expected overlaps stay exact enough to be subtracted from a count.
struct ExactSum {
  private var whole = 0
  private var fraction = DoubleDouble()

  /// Adds a b / n, a division of the 128-bit product; n > 0, and the quotient must fit 63 bits.
  mutating func add(_ a: Int, times b: Int, over n: Int) {
    let product = UInt(a).multipliedFullWidth(by: UInt(b))
    let (quotient, remainder) = UInt(n).dividingFullWidth(product)
    whole += Int(quotient)
    if n < Self.exactInDouble {
      add(Double(remainder), over: Double(n))
    } else {
      add(remainder: UInt128(remainder), of: UInt128(n))
    }
  }

  /// Adds `x` `y` / `n`, a division of the 256-bit product; likewise.
  mutating func add(_ x: UInt128, times y: UInt128, over n: UInt128) {
    let product = x.multipliedFullWidth(by: y)
    let (quotient, remainder) = n.dividingFullWidth(product)
    whole += Int(quotient)
    add(remainder: remainder, of: n)
  }

  /// Adds `numerator` / `n`.
  mutating func add(_ numerator: UInt128, over n: UInt128) {
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: n)
    whole += Int(quotient)
    add(remainder: remainder, of: n)
  }

  /// Adds `remainder` / `n`, both whole.
  private mutating func add(_ remainder: Double, over n: Double) {
    let quotient = remainder / n
    let error = remainder.addingProduct(-quotient, n)
    fraction = fraction + DoubleDouble(high: quotient, low: error / n)
  }

  private mutating func add(remainder: UInt128, of n: UInt128) {
    let denominator = DoubleDouble(n)
    fraction = fraction + DoubleDouble(DoubleDouble(remainder), over: denominator)
  }

  private static let exactInDouble = 1 << 53
}

extension ExactSum {
  /// The sum, rounded once.
  var value: Double { (DoubleDouble(Int128(whole)) + fraction).value }

  /// `integer` minus the sum, rounded once; exactly 0 where they are equal.
  ///
  /// Fractions that add up to a whole number may miss it by 2^-90 or so; no sum of real counts
  /// comes that close to an integer without being it.
  func subtracted(from integer: Int128) -> Double {
    let difference = (DoubleDouble(integer - Int128(whole)) + -fraction).value
    return abs(difference) < 0x1p-80 ? 0 : difference
  }
}
