internal import ByteFormats

/// When two texts that are recorded of runs are one value.
///
/// A learning rate is one whether it is written `1e-06`, `1e-6` or `0.000001`. Texts that are numbers in
/// the syntax of JSON (RFC 8259, section 6) are one value where the numbers are: those without a fraction
/// and an exponent exactly, however long they are, others as the doubles nearest to them, so that `1` is
/// `1.0`. Any other text is itself alone. What is recorded stays as it was written.
public enum FieldValue {
  /// A text that all texts of the value of `text` share, and no other has; that of itself is itself.
  public static func canonical(_ text: String) -> String {
    guard let first = text.utf8.first, let last = text.utf8.last, isDigit(last),
      isDigit(first) || first == UInt8(ascii: "-"), let number = try? JSONValue(parsing: text)
    else { return text }
    switch number {
    case .integer(let value): return String(value)
    case .number(let value): return text.utf8.allSatisfy(isOfInteger) ? text : canonical(value)
    default: return text
    }
  }

  /// A whole number as an integer, as far as 128 bits have it.
  private static func canonical(_ value: Double) -> String {
    Int128(exactly: value).map { String($0) } ?? value.description
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isOfInteger(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "-")
  }
}
