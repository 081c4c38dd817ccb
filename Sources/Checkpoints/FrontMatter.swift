/// The YAML block at the head of a Markdown file, as far as model cards use YAML.
///
/// Reads `key: value`, `key: [a, b]` and lists of `- item` at the top level, with quotes and
/// comments. Deeper structure is stepped over.
struct FrontMatter: Sendable, Hashable {
  private var values: [String: [String]] = [:]

  /// Nil where `text` does not begin with such a block.
  init?(_ text: String) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard lines.first?.trimmed == "---",
      let end = lines.dropFirst().firstIndex(where: { $0.trimmed == "---" })
    else { return nil }
    var key = ""
    for line in lines[1..<end] { read(line, under: &key) }
  }

  /// The values of `key`, none where it is missing or empty.
  subscript(key: String) -> [String] { values[key] ?? [] }

  private mutating func read(_ line: Substring, under key: inout String) {
    let content = line.trimmed
    if content.hasPrefix("- ") {
      if let item = Self.scalar(content.dropFirst(2)) { values[key, default: []].append(item) }
    } else if let first = line.first, !first.isWhitespace, let colon = line.firstIndex(of: ":") {
      key = String(line[..<colon])
      values[key] = Self.list(line[line.index(after: colon)...].trimmed)
    }
  }

  /// `[a, b]`, or one scalar, or nothing.
  private static func list(_ text: Substring) -> [String] {
    guard text.hasPrefix("["), text.hasSuffix("]") else { return scalar(text).map { [$0] } ?? [] }
    return items(text.dropFirst().dropLast()).compactMap(scalar)
  }

  /// The parts between the commas that stand outside of quotes.
  private static func items(_ text: Substring) -> [Substring] {
    var items: [Substring] = []
    var start = text.startIndex
    var quote: Character?
    for place in text.indices {
      switch text[place] {
      case let character where character == quote: quote = nil
      case "\"" where quote == nil, "'" where quote == nil:
        // Within a word a quote is a letter.
        if text[start..<place].allSatisfy(\.isWhitespace) { quote = text[place] }
      case "," where quote == nil:
        items.append(text[start..<place])
        start = text.index(after: place)
      default: break
      }
    }
    return items + [text[start...]]
  }

  /// The text without quotes and without a comment; nil where nothing is left.
  private static func scalar(_ text: Substring) -> String? {
    let text = text.trimmed
    for quote in ["\"", "'"] where text.hasPrefix(quote) {
      return text.dropFirst().firstIndex(of: Character(quote)).map {
        String(text[text.index(after: text.startIndex)..<$0])
      }
    }
    let bare = (text.firstRange(of: " #").map { text[..<$0.lowerBound] } ?? text).trimmed
    return bare.isEmpty || bare.hasPrefix("#") || bare == "null" || bare == "~" ? nil : String(bare)
  }
}

extension Substring {
  /// Without white space at either end.
  fileprivate var trimmed: Substring {
    let start = drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start }
    return start[...last]
  }
}
