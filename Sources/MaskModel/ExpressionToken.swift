/// The smallest parts of an expression's text.
struct ExpressionToken: Hashable {
  enum Kind: Hashable {
    /// A name, a number, a glob.
    case word(String)
    /// The same in quotes: never a function, never an operator.
    case quoted(String)
    /// One of `& | ^ ! ( ) , =`, or `-` with a space on both sides.
    case mark(Character)
    case end
  }

  let kind: Kind
  /// Where it stands, in UTF-8 bytes.
  let range: Range<Int>
}

/// Cuts a text into tokens.
///
/// A word ends at a space or a mark, and nowhere else: `grpo-s0`, `run@absolute:1e-5` and
/// `lab.maskdb:dpo-*` are words.
struct ExpressionLexer {
  private static let marks = Set("&|^!(),=".utf8)
  private static let quote = UInt8(ascii: "'")
  private static let minus = UInt8(ascii: "-")

  private let text: String
  private let bytes: [UInt8]
  private var place = 0

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  /// All tokens, `end` the last.
  mutating func tokens() throws(ExpressionError) -> [ExpressionToken] {
    var tokens: [ExpressionToken] = []
    while true {
      while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
      guard place < bytes.count else { break }
      tokens.append(try next())
    }
    tokens.append(ExpressionToken(kind: .end, range: place..<place))
    return tokens
  }

  private mutating func next() throws(ExpressionError) -> ExpressionToken {
    let start = place
    if bytes[place] == Self.quote { return try quoted() }
    if Self.marks.contains(bytes[place]) {
      place += 1
      return ExpressionToken(
        kind: .mark(Character(Unicode.Scalar(bytes[start]))),
        range: start..<place
      )
    }
    while place < bytes.count, Self.isWord(bytes[place]) { place += 1 }
    let word = String(decoding: bytes[start..<place], as: UTF8.self)
    guard bytes[start] == Self.minus else {
      return ExpressionToken(kind: .word(word), range: start..<place)
    }
    let isFree = start == 0 || Self.isSpace(bytes[start - 1])
    let isFollowed = place < bytes.count && Self.isSpace(bytes[place])
    guard word == "-", isFree, isFollowed || place == bytes.count else {
      throw ExpressionError("'-' between masks needs a space on both sides", at: start, of: text)
    }
    return ExpressionToken(kind: .mark("-"), range: start..<place)
  }

  /// A reference in quotes; two quotes in it stand for one.
  private mutating func quoted() throws(ExpressionError) -> ExpressionToken {
    let start = place
    var content: [UInt8] = []
    place += 1
    while place < bytes.count {
      if bytes[place] == Self.quote {
        place += 1
        guard place < bytes.count, bytes[place] == Self.quote else {
          let text = String(decoding: content, as: UTF8.self)
          return ExpressionToken(kind: .quoted(text), range: start..<place)
        }
      }
      content.append(bytes[place])
      place += 1
    }
    throw ExpressionError("this quote is not closed", at: start, of: text)
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  static func isWord(_ byte: UInt8) -> Bool {
    !isSpace(byte) && !marks.contains(byte) && byte != quote
  }
}
