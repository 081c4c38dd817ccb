extension JSONParser {
  /// The string whose opening quote is next.
  mutating func string() throws(FormatError) -> String {
    try expect(UInt8(ascii: "\""))
    var text = try run()
    while try peek() == UInt8(ascii: "\\") {
      text.unicodeScalars.append(try escape())
      text += try run()
    }
    offset += 1
    return text
  }

  /// The bytes up to the closing quote or the next escape.
  private mutating func run() throws(FormatError) -> String {
    let start = offset
    while true {
      switch try peek() {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): return try text(from: start)
      case ..<0x20: throw FormatError(.controlCharacter, at: offset)
      default: offset += 1
      }
    }
  }

  private func text(from start: Int) throws(FormatError) -> String {
    do throws(UTF8.ValidationError) {
      return String(copying: try UTF8Span(validating: bytes.extracting(start..<offset)))
    } catch {
      throw FormatError(.invalidUTF8, at: start + error.byteOffsets.lowerBound)
    }
  }

  /// The scalar of the escape whose backslash is next.
  private mutating func escape() throws(FormatError) -> Unicode.Scalar {
    let start = offset
    offset += 1
    let letter = try peek()
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape(startingAt: start)
    default: throw FormatError(.invalidEscape, at: start)
    }
  }

  /// One or, for a surrogate pair, two `\u` escapes, the first of which has its `\u` read.
  private mutating func unicodeEscape(startingAt start: Int) throws(FormatError) -> Unicode.Scalar {
    let unit = try hexadecimalUnit(startingAt: start)
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard unit < 0xDC00, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
      bytes[offset + 1] == UInt8(ascii: "u")
    else { throw FormatError(.invalidEscape, at: start) }
    offset += 2
    let second = try hexadecimalUnit(startingAt: start)
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
    else { throw FormatError(.invalidEscape, at: start) }
    return scalar
  }

  private mutating func hexadecimalUnit(startingAt start: Int) throws(FormatError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Self.hexadecimalDigit(try peek()) else {
        throw FormatError(.invalidEscape, at: start)
      }
      unit = unit << 4 | digit
      offset += 1
    }
    return unit
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
