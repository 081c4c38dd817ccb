/// A recursive-descent parser of one JSON text.
///
/// Works on bytes; makes Strings only of strings.
struct JSONParser: ~Copyable, ~Escapable {
  let bytes: Span<UInt8>
  let options: JSONReadingOptions
  var offset = 0
  private var depth = 0

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, options: JSONReadingOptions) {
    self.bytes = bytes
    self.options = options
  }

  /// The value the whole text is.
  mutating func document() throws(FormatError) -> JSONValue {
    let value = try value()
    skipSpace()
    if offset < bytes.count { throw FormatError(.trailingBytes, at: offset) }
    return value
  }

  private mutating func value() throws(FormatError) -> JSONValue {
    skipSpace()
    switch try peek() {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["): return .array(try array())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return try number()
    }
  }

  private mutating func object() throws(FormatError) -> JSONObject {
    try enter()
    var members = JSONObject()
    if takeEnd(UInt8(ascii: "}")) { return members }
    repeat {
      skipSpace()
      let start = offset
      let key = try string()
      skipSpace()
      try expect(UInt8(ascii: ":"))
      guard members.insert(key, try value()) else {
        throw FormatError(.duplicateKey(key), at: start)
      }
    } while try takeComma(before: UInt8(ascii: "}"))
    return members
  }

  private mutating func array() throws(FormatError) -> [JSONValue] {
    try enter()
    var values: [JSONValue] = []
    if takeEnd(UInt8(ascii: "]")) { return values }
    repeat {
      values.append(try value())
    } while try takeComma(before: UInt8(ascii: "]"))
    return values
  }

  /// Steps over the opening bracket.
  private mutating func enter() throws(FormatError) {
    guard depth < options.depthLimit else {
      throw FormatError(.tooDeep(limit: options.depthLimit), at: offset)
    }
    depth += 1
    offset += 1
  }

  /// Whether the array or object is empty; steps over its end if so.
  private mutating func takeEnd(_ end: UInt8) -> Bool {
    skipSpace()
    guard offset < bytes.count, bytes[offset] == end else { return false }
    offset += 1
    depth -= 1
    return true
  }

  /// Steps over a comma, which says that more follows, or over `end`, which says that nothing does.
  private mutating func takeComma(before end: UInt8) throws(FormatError) -> Bool {
    if takeEnd(end) { return false }
    try expect(UInt8(ascii: ","))
    return true
  }
}

extension JSONParser {
  mutating func skipSpace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }

  func peek() throws(FormatError) -> UInt8 {
    guard offset < bytes.count else { throw FormatError(.unexpectedEnd, at: offset) }
    return bytes[offset]
  }

  mutating func expect(_ byte: UInt8) throws(FormatError) {
    let found = try peek()
    guard found == byte else { throw FormatError(.unexpectedByte(found), at: offset) }
    offset += 1
  }

  mutating func literal(
    _ word: StaticString,
    _ value: JSONValue
  ) throws(FormatError) -> JSONValue {
    for byte in word.description.utf8 { try expect(byte) }
    return value
  }
}
