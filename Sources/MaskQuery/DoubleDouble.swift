/// A number as the unevaluated sum of two doubles: about 106 significant bits.
///
/// Excess and `attained` are differences of nearly equal numbers; in plain doubles an excess of one
/// position over a billion would have seven digits. The algorithms are those of Dekker 1971 and
/// Knuth (TwoSum).
struct DoubleDouble {
  /// The number, rounded to a double.
  var high = 0.0
  /// What rounding left over.
  var low = 0.0
}

extension DoubleDouble {
  /// `integer`, exact up to 106 bits.
  ///
  /// Far faster than the standard library's conversion of 128-bit integers.
  init(_ integer: UInt128) {
    let upper = Self(UInt64(truncatingIfNeeded: integer >> 64))
    let scaled = DoubleDouble(high: upper.high * 0x1p64, low: upper.low * 0x1p64)
    self = scaled + Self(UInt64(truncatingIfNeeded: integer))
  }

  /// `integer`, likewise.
  init(_ integer: Int128) {
    let magnitude = Self(integer.magnitude)
    self = integer < 0 ? -magnitude : magnitude
  }

  /// `integer`, exact.
  private init(_ integer: UInt64) {
    let upper = Double(UInt32(truncatingIfNeeded: integer >> 32))
    self = Self.sum(upper * 0x1p32, Double(UInt32(truncatingIfNeeded: integer)))
  }

  /// `numerator` / `denominator`.
  init(_ numerator: DoubleDouble, over denominator: DoubleDouble) {
    let quotient = numerator.high / denominator.high
    let rest = numerator + -(denominator * quotient)
    self = Self.sum(quotient, (rest.high + rest.low) / denominator.high)
  }

  /// The number, rounded once.
  var value: Double { high + low }

  /// a + b without error (TwoSum).
  static func sum(_ a: Double, _ b: Double) -> DoubleDouble {
    let sum = a + b
    let part = sum - a
    return DoubleDouble(high: sum, low: (a - (sum - part)) + (b - part))
  }

  static func + (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let high = sum(left.high, right.high)
    let low = sum(left.low, right.low)
    let middle = sum(high.high, high.low + low.high)
    return sum(middle.high, middle.low + low.low)
  }

  static prefix func - (number: DoubleDouble) -> DoubleDouble {
    DoubleDouble(high: -number.high, low: -number.low)
  }

  static func * (left: DoubleDouble, right: Double) -> DoubleDouble {
    let product = left.high * right
    let error = (-product).addingProduct(left.high, right)
    return sum(product, error + left.low * right)
  }
}
