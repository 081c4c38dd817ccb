/// Why a text is no expression: the place, the reason, the way out.
public struct ExpressionError: Error, Sendable, Hashable {
  /// The text that was read.
  public let text: String
  /// The place in it, in UTF-8 bytes; its end where something is missing there.
  public let offset: Int
  /// What is wrong there, and what to write instead.
  public let reason: String

  /// `text` is wrong at `offset` for `reason`.
  public init(_ reason: String, at offset: Int, of text: String) {
    self.reason = reason
    self.offset = min(offset, text.utf8.count)
    self.text = text
  }
}

extension ExpressionError: CustomStringConvertible {
  /// The reason, then the text with a caret under the place; of a long text the surroundings.
  public var description: String {
    let (line, column) = excerpt
    return "\(reason)\n  \(line)\n  \(String(repeating: " ", count: column))^"
  }

  /// At most this many characters are shown on either side.
  private static let reach = 60

  private var excerpt: (String, Int) {
    let place = text.utf8.index(text.startIndex, offsetBy: offset)
    let before = text[..<place].map(Self.shown)
    let after = text[place...].prefix(Self.reach).map(Self.shown)
    guard before.count > Self.reach else { return (String(before + after), before.count) }
    let near = before.suffix(Self.reach)
    return ("..." + String(near + after), near.count + 3)
  }

  /// Line breaks and the like would tear the caret from its place.
  private static func shown(_ character: Character) -> Character {
    let isPlain = character.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    return isPlain ? character : " "
  }
}
