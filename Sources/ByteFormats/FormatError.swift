/// Why bytes are not what they should be, and where.
///
/// Equal as a whole, so that a test can state the error it expects.
public struct FormatError: Error, Sendable, Hashable {
  /// What is wrong.
  public enum Reason: Sendable, Hashable {
    /// The bytes end where more are needed.
    case unexpectedEnd
    /// A byte that cannot stand there.
    case unexpectedByte(UInt8)
    /// More bytes follow what should be the last.
    case trailingBytes
    /// The bytes of a text are not UTF-8.
    case invalidUTF8
    /// A backslash in a JSON string that begins no escape, or half of a surrogate pair.
    case invalidEscape
    /// A control character in a JSON string that is not escaped.
    case controlCharacter
    /// A number that JSON does not allow, such as `01` or `1.`.
    case invalidNumber
    /// A number beyond what the type holds.
    case numberOutOfRange
    /// A JSON object with one key twice.
    case duplicateKey(String)
    /// JSON nested deeper than the given limit.
    case tooDeep(limit: Int)
  }

  /// What is wrong.
  public let reason: Reason
  /// The byte it was found at, counted from 0.
  public let offset: Int

  /// An error from its facts.
  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }
}

extension FormatError: CustomStringConvertible {
  /// The reason and the byte, as a clause.
  public var description: String { "\(reason) at byte \(offset)" }
}

extension FormatError.Reason: CustomStringConvertible {
  /// The reason, as a clause.
  public var description: String {
    switch self {
    case .unexpectedEnd: "the bytes end too early"
    case .unexpectedByte(let byte): "unexpected byte 0x\(String(byte, radix: 16))"
    case .trailingBytes: "unexpected bytes after the end"
    case .invalidUTF8: "text that is not UTF-8"
    case .invalidEscape: "an invalid escape in a string"
    case .controlCharacter: "an unescaped control character in a string"
    case .invalidNumber: "an invalid number"
    case .numberOutOfRange: "a number out of range"
    case .duplicateKey(let key): "the key \"\(key)\" a second time"
    case .tooDeep(let limit): "nesting deeper than \(limit) levels"
    }
  }
}
