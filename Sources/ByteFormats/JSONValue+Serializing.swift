extension JSONValue {
  /// How JSON is laid out.
  public enum Layout: Sendable, Hashable {
    /// Everything on one line, without spaces.
    case compact
    /// Every member and element on a line of its own, indented by two spaces a level.
    case pretty
  }

  /// The JSON text of this value.
  ///
  /// Doubles have as few digits as bring the same double back. NaN and infinities, which JSON does
  /// not have, are a programming error.
  public func serialized(_ layout: Layout = .compact) -> String {
    var writer = JSONWriter(layout: layout)
    writer.write(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

/// Gathers the bytes of one JSON text.
private struct JSONWriter {
  let layout: JSONValue.Layout
  var bytes: [UInt8] = []
  private var depth = 0

  init(layout: JSONValue.Layout) { self.layout = layout }

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .integer(let value): append(String(value))
    case .number(let value):
      precondition(value.isFinite, "JSON has no NaN and no infinities")
      append(value.description)
    case .string(let text): write(text)
    case .array(let values): write(values)
    case .object(let members): write(members)
    }
  }

  private mutating func write(_ values: [JSONValue]) {
    guard !values.isEmpty else { return append("[]") }
    open("[")
    for (place, value) in values.enumerated() {
      separate(place)
      write(value)
    }
    close("]")
  }

  private mutating func write(_ members: JSONObject) {
    guard members.count > 0 else { return append("{}") }
    open("{")
    for (place, (key, value)) in members.enumerated() {
      separate(place)
      write(key)
      append(layout == .pretty ? ": " : ":")
      write(value)
    }
    close("}")
  }

  private mutating func write(_ text: String) {
    append("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case UInt8(ascii: "\n"): append("\\n")
      case UInt8(ascii: "\r"): append("\\r")
      case UInt8(ascii: "\t"): append("\\t")
      case ..<0x10: append("\\u000" + String(byte, radix: 16))
      case ..<0x20: append("\\u00" + String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    append("\"")
  }

  private mutating func open(_ bracket: String) {
    append(bracket)
    depth += 1
  }

  private mutating func close(_ bracket: String) {
    depth -= 1
    breakLine()
    append(bracket)
  }

  private mutating func separate(_ place: Int) {
    if place > 0 { append(",") }
    breakLine()
  }

  private mutating func breakLine() {
    if layout == .pretty { append("\n" + String(repeating: "  ", count: depth)) }
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
