extension JSONParser {
  /// The number that begins here, or the error that none does.
  mutating func number() throws(FormatError) -> JSONValue {
    let start = offset
    if let special = try nonFinite() { return special }
    skip(UInt8(ascii: "-"))
    try wholePart(startingAt: start)
    let isInteger = try !fractionAndExponent(startingAt: start)
    if isInteger, let value = integer(from: start) { return .integer(value) }
    if isInteger, options.keepsDigits { return .string(digits(from: start)) }
    guard let value = Double(digits(from: start)), value.isFinite else {
      throw FormatError(.numberOutOfRange, at: start)
    }
    return .number(value)
  }

  /// Digits, without a zero at the front of others.
  private mutating func wholePart(startingAt start: Int) throws(FormatError) {
    let first = offset
    let found = try peek()
    guard skipDigits() > 0 else {
      if first == start { throw FormatError(.unexpectedByte(found), at: first) }
      throw FormatError(.invalidNumber, at: start)
    }
    guard bytes[first] != UInt8(ascii: "0") || offset == first + 1 else {
      throw FormatError(.invalidNumber, at: start)
    }
  }

  /// Whether there was a fraction or an exponent.
  private mutating func fractionAndExponent(startingAt start: Int) throws(FormatError) -> Bool {
    let whole = offset
    if skip(UInt8(ascii: ".")), skipDigits() == 0 { throw FormatError(.invalidNumber, at: start) }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
      guard skipDigits() > 0 else { throw FormatError(.invalidNumber, at: start) }
    }
    return offset > whole
  }

  private mutating func skipDigits() -> Int {
    let start = offset
    while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
    return offset - start
  }

  @discardableResult
  private mutating func skip(_ byte: UInt8) -> Bool {
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  /// The integer in the bytes from `start`; nil where it does not fit.
  private func integer(from start: Int) -> Int? {
    let isNegative = bytes[start] == UInt8(ascii: "-")
    var value = 0
    for place in (isNegative ? start + 1 : start)..<offset {
      let digit = Int(bytes[place] - UInt8(ascii: "0"))
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = shifted.subtractingReportingOverflow(digit)
      if overflow || carry { return nil }
      value = sum
    }
    return isNegative ? value : Int(exactly: value.magnitude)
  }

  private func digits(from start: Int) -> String {
    String(decoding: (start..<offset).map { bytes[$0] }, as: UTF8.self)
  }

  /// `NaN`, `Infinity` or `-Infinity`, where they are allowed.
  private mutating func nonFinite() throws(FormatError) -> JSONValue? {
    guard options.allowsNonFinite else { return nil }
    let next = offset + 1 < bytes.count ? bytes[offset + 1] : 0
    switch bytes[offset] {
    case UInt8(ascii: "N"): return try literal("NaN", .number(.nan))
    case UInt8(ascii: "I"): return try literal("Infinity", .number(.infinity))
    case UInt8(ascii: "-") where next == UInt8(ascii: "I"):
      return try literal("-Infinity", .number(-.infinity))
    default: return nil
    }
  }
}
