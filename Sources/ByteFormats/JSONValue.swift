/// A JSON value as RFC 8259 has it, with integers kept apart from other numbers.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number written without fraction or exponent that fits 64 bits.
  case integer(Int)
  /// Any other number.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue {
  /// The member `key`; nil where there is none or this is no object.
  public subscript(key: String) -> JSONValue? { object?[key] }

  /// The element at `index`; nil where there is none or this is no array.
  public subscript(index: Int) -> JSONValue? {
    array.flatMap { $0.indices.contains(index) ? $0[index] : nil }
  }

  /// The text of a string.
  public var string: String? { if case .string(let text) = self { text } else { nil } }

  /// The value of an integer.
  public var int: Int? { if case .integer(let value) = self { value } else { nil } }

  /// The value of any number, rounded to a double.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The value of `true` or `false`.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The elements of an array.
  public var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

  /// The members of an object.
  public var object: JSONObject? { if case .object(let members) = self { members } else { nil } }

  /// Whether this is null.
  public var isNull: Bool { self == .null }
}
