/// The order of names in which runs of digits compare as numbers: `layers.2` before `layers.10`.
public enum NaturalOrder {
  /// Whether `left` comes before `right`.
  ///
  /// Equal numbers of unequal length (`01`, `1`) fall back to the order of bytes, so the order is
  /// total.
  public static func precedes(_ left: String, _ right: String) -> Bool {
    var left = Array(left.utf8)[...]
    var right = Array(right.utf8)[...]
    let whole = (left, right)
    while let first = left.first, let second = right.first {
      if isDigit(first), isDigit(second) {
        let (a, b) = (takeNumber(&left), takeNumber(&right))
        if a.count != b.count { return a.count < b.count }
        if a != b { return a.lexicographicallyPrecedes(b) }
      } else {
        if first != second { return first < second }
        left.removeFirst()
        right.removeFirst()
      }
    }
    if left.isEmpty != right.isEmpty { return left.isEmpty }
    return whole.0.lexicographicallyPrecedes(whole.1)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// The digits at the front without leading zeros, taken off.
  private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = bytes.prefix(while: isDigit)
    bytes = bytes.dropFirst(digits.count)
    return digits.drop { $0 == 0x30 }
  }
}
