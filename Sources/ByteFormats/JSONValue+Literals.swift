// No nil literal for null: `condition ? value : nil` would become null where an optional was meant.

extension JSONValue: ExpressibleByBooleanLiteral {
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
}

extension JSONValue: ExpressibleByFloatLiteral {
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
}

extension JSONValue: ExpressibleByArrayLiteral {
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
  /// An object with the members in the order written; a key written twice is a programming error.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var members = JSONObject()
    for (key, value) in elements {
      precondition(members.insert(key, value), "a JSON object with the key \(key) twice")
    }
    self = .object(members)
  }
}

extension JSONValue {
  /// A string, or null for nil.
  public init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }

  /// An integer, or null for nil.
  public init(_ value: Int?) { self = value.map(JSONValue.integer) ?? .null }

  /// A count, which becomes a number only where it does not fit a signed 64-bit integer.
  public init(_ value: UInt64) {
    self = Int(exactly: value).map(JSONValue.integer) ?? .number(Double(value))
  }

  /// A finite number; null for nil, NaN and infinities, which JSON does not have.
  public init(_ value: Double?) {
    self = value.flatMap { $0.isFinite ? JSONValue.number($0) : nil } ?? .null
  }
}
