import ByteFormats
import Testing

@Suite struct JSONParsingTests {
  /// The error that `text` is refused with; nil where it is accepted.
  func refusal(
    of text: String,
    _ options: JSONReadingOptions = JSONReadingOptions()
  ) -> FormatError? {
    do {
      _ = try JSONValue(parsing: text, options: options)
      return nil
    } catch {
      return error
    }
  }

  @Test func `reads every kind of value`() throws {
    let value = try JSONValue(
      parsing: #" {"a": [null, true, false], "b": {"c": "d"}, "e": -12, "f": 1.5e3, "g": []} "#
    )
    let expected: JSONValue = [
      "a": [.null, true, false], "b": ["c": "d"], "e": -12, "f": 1500.0, "g": [],
    ]
    #expect(value == expected)
    #expect(value["b"]?["c"]?.string == "d")
    #expect(value["a"]?[1]?.bool == true)
    #expect(value["a"]?[3] == nil)
    #expect(value["e"]?.int == -12)
    #expect(value["e"]?.double == -12)
    #expect(value["f"]?.int == nil)
    #expect(value["x"] == nil)
  }

  @Test func `keeps the order of members`() throws {
    let keys = (0..<40).map { "k\(($0 * 7) % 40)" }
    let text = "{" + keys.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
    #expect(try JSONValue(parsing: text).object?.keys == keys)
  }

  @Test(arguments: [8, 9, 10, 11, 40])
  func `refuses a key twice, however many there are`(count: Int) {
    let members = (0..<count).map { "\"k\($0)\":1" } + ["\"k0\":1"]
    let text = "{" + members.joined(separator: ",") + "}"
    #expect(refusal(of: text)?.reason == .duplicateKey("k0"))
  }

  @Test func `integers end where 64 bits do`() throws {
    #expect(try JSONValue(parsing: "9223372036854775807") == .integer(.max))
    #expect(try JSONValue(parsing: "-9223372036854775808") == .integer(.min))
    #expect(try JSONValue(parsing: "9223372036854775808") == .number(9_223_372_036_854_775_808))
    #expect(refusal(of: "1e999") == FormatError(.numberOutOfRange, at: 0))
  }

  @Test(arguments: ["01", "-", "1.", "-.5", "1e", "1e+", "-01", "00"])
  func `refuses numbers that JSON does not have`(text: String) {
    #expect(
      refusal(of: text)?.reason == .invalidNumber || refusal(of: text)?.reason == .unexpectedEnd
    )
  }

  @Test(arguments: ["+1", ".5", "NaN", "Infinity", "tru", "'a'", "{a:1}", "[1 2]", "\u{FEFF}1"])
  func `refuses what only resembles JSON`(text: String) {
    #expect(refusal(of: text) != nil)
  }

  @Test func `reads NaN and infinities only where asked`() throws {
    let options = JSONReadingOptions(allowsNonFinite: true)
    let text = "[NaN, Infinity, -Infinity, -1]"
    let values = try #require(try JSONValue(parsing: text, options: options).array)
    #expect(values[0].double?.isNaN == true)
    #expect(values[1...] == [.number(.infinity), .number(-.infinity), -1])
    #expect(refusal(of: text) == FormatError(.unexpectedByte(UInt8(ascii: "N")), at: 1))
  }

  @Test func `unescapes strings`() throws {
    let value = try JSONValue(parsing: #""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z""#)
    #expect(value.string == "a\"\\/\u{8}\u{C}\n\r\té😀z")
  }

  @Test(arguments: [
    #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud83d""#, #""\ude00""#, #""\ud83d\u0041""#,
    #""\ud83d\n""#,
  ])
  func `refuses escapes that mean nothing`(text: String) {
    #expect(refusal(of: text)?.reason == .invalidEscape)
  }

  @Test func `refuses bytes that are not UTF-8, by their place`() {
    for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] {
      let text = Array("\"ab".utf8) + bytes + Array("\"".utf8)
      #expect(throws: FormatError(.invalidUTF8, at: 3)) { try JSONValue(parsing: text) }
    }
  }

  @Test func `refuses control characters in strings`() {
    #expect(refusal(of: "\"a\nb\"") == FormatError(.controlCharacter, at: 2))
  }

  @Test func `refuses deep nesting instead of overflowing the stack`() {
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(refusal(of: deep) == FormatError(.tooDeep(limit: 128), at: 128))
    let level = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
    #expect(refusal(of: level) == nil)
    #expect(refusal(of: "[\(level)]") != nil)
    #expect(refusal(of: "[[], [], [[]]]", JSONReadingOptions(depthLimit: 3)) == nil)
  }

  @Test func `refuses what follows the value`() {
    #expect(refusal(of: "{} {}") == FormatError(.trailingBytes, at: 3))
    #expect(refusal(of: "1,") == FormatError(.trailingBytes, at: 1))
  }

  @Test func `refuses every prefix of a text`() {
    let text = Array(#"{"a": [1.5e3, "x\u00e9\n", {"b": null, "c": true}], "d": false}"#.utf8)
    for count in 0..<text.count {
      #expect(throws: FormatError.self) { try JSONValue(parsing: Array(text[..<count])) }
    }
  }
}
