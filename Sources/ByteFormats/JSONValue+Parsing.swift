/// How strictly JSON is read.
public struct JSONReadingOptions: Sendable, Hashable {
  /// How deep arrays and objects may be nested.
  public var depthLimit: Int
  /// Whether `NaN`, `Infinity` and `-Infinity` are numbers, as Python's `json` writes them.
  public var allowsNonFinite: Bool
  /// Whether an integer that does not fit is the text of its digits, and not the nearest double.
  public var keepsDigits: Bool

  /// RFC 8259 unless said otherwise.
  public init(depthLimit: Int = 128, allowsNonFinite: Bool = false, keepsDigits: Bool = false) {
    self.depthLimit = depthLimit
    self.allowsNonFinite = allowsNonFinite
    self.keepsDigits = keepsDigits
  }

  /// What Python's `json` writes, whose integers have any length.
  public static let ofPython = JSONReadingOptions(allowsNonFinite: true, keepsDigits: true)
}

extension JSONValue {
  /// The one value that `bytes` hold, with white space around it.
  ///
  /// Stricter than RFC 8259 in one thing: a key that an object has twice is an error. Errors carry
  /// the reason and the byte. Linear in the bytes.
  public init(
    parsing bytes: [UInt8],
    options: JSONReadingOptions = JSONReadingOptions()
  ) throws(FormatError) {
    var parser = JSONParser(bytes.span, options: options)
    self = try parser.document()
  }

  /// The one value that `text` holds, with white space around it.
  public init(
    parsing text: String,
    options: JSONReadingOptions = JSONReadingOptions()
  ) throws(FormatError) {
    try self.init(parsing: Array(text.utf8), options: options)
  }
}
