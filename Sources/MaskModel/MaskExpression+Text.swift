internal import ByteFormats

extension MaskExpression {
  /// The expression that `text` writes.
  ///
  /// - Throws: `ExpressionError` with the place of what is wrong; also for a text of more than 64 KiB,
  ///   4,096 parts or 32 levels.
  public init(parsing text: String) throws(ExpressionError) {
    var parser = try ExpressionParser(text)
    self = try parser.parse()
  }

  /// Whether `text` is a reference and nothing else: it has no operator, space or quote.
  public static func isReference(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy(ExpressionLexer.isWord)
  }
}

extension MaskExpression: CustomStringConvertible {
  /// The canonical spelling: read again, it gives the same nodes.
  public var description: String {
    switch node {
    case .mask(let reference): Self.quoted(reference)
    case .complement(let part): "!\(part.text(within: nil))"
    case .joined(let join, let parts):
      parts.map { $0.text(within: join) }.joined(separator: " \(join.rawValue) ")
    case .tally(let tally, let count, let items):
      "\(tally.rawValue)(\((["\(count)"] + items.map(\.description)).joined(separator: ", ")))"
    case .only(let part, let globs):
      "only(\(([part.description] + globs.map(Self.quoted)).joined(separator: ", ")))"
    case .random(let control):
      "random(like=\(control.like), match=\(control.match.rawValue), seed=\(control.seed))"
    }
  }

  /// The text in parentheses where it would be read otherwise within a chain of `join`; within a
  /// complement where `join` is nil.
  private func text(within join: Join?) -> String {
    guard case .joined(let own, _) = node else { return description }
    guard let join, own.strength > join.strength else { return "(\(description))" }
    return description
  }

  /// `text` as it is where that reads as one word, else in quotes.
  static func quoted(_ text: String) -> String {
    let isWord = isReference(text) && !text.hasPrefix("-") && !text.hasSuffix("-")
    return isWord ? text : "'\(text.doubling("'"))'"
  }
}

extension MaskExpression.Item: CustomStringConvertible {
  /// The canonical spelling.
  public var description: String {
    switch self {
    case .expression(let expression): expression.description
    case .runs(let filters, _):
      "where(\(filters.map(Self.text).joined(separator: ", ")))"
    }
  }

  private static func text(_ filter: String) -> String {
    let parts = filter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return parts.map { MaskExpression.quoted(String($0)) }.joined(separator: "=")
  }
}

extension MaskExpression.Join {
  /// How tightly the operator binds.
  fileprivate var strength: Int {
    switch self {
    case .union: 0
    case .difference: 1
    case .intersection: 2
    case .subtraction: 3
    }
  }
}
