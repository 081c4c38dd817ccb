/// Reads an expression by recursive descent, a level an operator.
struct ExpressionParser {
  /// The most operators, functions and references of one expression.
  static let nodeLimit = 4096
  /// The deepest that parentheses, functions and complements may nest.
  static let depthLimit = 32
  /// The longest text, in bytes.
  static let lengthLimit = 1 << 16

  let text: String
  private let tokens: [ExpressionToken]
  private var place = 0
  private var depth = 0
  private var nodes = 0

  init(_ text: String) throws(ExpressionError) {
    guard text.utf8.count <= Self.lengthLimit else {
      throw ExpressionError(
        "the expression is longer than \(Self.lengthLimit) bytes; derive its parts first",
        at: 0,
        of: String(text.prefix(80))
      )
    }
    var lexer = ExpressionLexer(text)
    self.text = text
    tokens = try lexer.tokens()
  }

  /// The whole text as one expression.
  mutating func parse() throws(ExpressionError) -> MaskExpression {
    let expression = try chain(of: 0)
    guard token.kind == .end else { throw unexpected() }
    return expression
  }

  var token: ExpressionToken { tokens[place] }

  /// The token after the present one.
  var next: ExpressionToken { tokens[min(place + 1, tokens.count - 1)] }

  /// The token before the present one.
  var previous: ExpressionToken? { place > 0 ? tokens[place - 1] : nil }

  /// Goes on to the next token; returns the present one.
  @discardableResult
  mutating func advance() -> ExpressionToken {
    defer { place = min(place + 1, tokens.count - 1) }
    return tokens[place]
  }

  /// Goes over `mark` if it is here.
  mutating func skip(_ mark: Character) -> Bool {
    guard token.kind == .mark(mark) else { return false }
    advance()
    return true
  }

  /// Goes over `mark`, which must be here.
  mutating func expect(_ mark: Character, _ purpose: String) throws(ExpressionError) {
    guard skip(mark) else {
      throw ExpressionError("'\(mark)' is missing \(purpose)", at: token.range.lowerBound, of: text)
    }
  }

  func refusal(_ reason: String, at offset: Int) -> ExpressionError {
    ExpressionError(reason, at: offset, of: text)
  }

  /// Notes one more node at the present place.
  mutating func made(
    _ node: MaskExpression.Node,
    from start: Int
  ) throws(ExpressionError) -> MaskExpression {
    nodes += 1
    guard nodes <= Self.nodeLimit else {
      throw refusal("the expression has more than \(Self.nodeLimit) parts", at: start)
    }
    return MaskExpression(node, at: start..<(previous?.range.upperBound ?? start))
  }

  /// Runs `body` one level deeper.
  mutating func deeper<Value>(
    _ body: (inout Self) throws(ExpressionError) -> Value
  ) throws(ExpressionError) -> Value {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else {
      throw refusal(
        "this is nested more than \(Self.depthLimit) deep; derive a part of it first",
        at: token.range.lowerBound
      )
    }
    return try body(&self)
  }
}

extension ExpressionParser {
  /// The operators, the loosest first.
  private static let levels: [(join: MaskExpression.Join, mark: Character)] = [
    (.union, "|"), (.difference, "^"), (.intersection, "&"), (.subtraction, "-"),
  ]

  /// Parts that are joined by the operator of a level, or one part alone.
  mutating func chain(of level: Int) throws(ExpressionError) -> MaskExpression {
    guard level < Self.levels.count else { return try prefixed() }
    let start = token.range.lowerBound
    var parts = [try chain(of: level + 1)]
    while skip(Self.levels[level].mark) { parts.append(try chain(of: level + 1)) }
    guard parts.count > 1 else { return parts[0] }
    return try made(.joined(Self.levels[level].join, parts), from: start)
  }

  private mutating func prefixed() throws(ExpressionError) -> MaskExpression {
    let start = token.range.lowerBound
    guard skip("!") else { return try primary() }
    let part = try deeper { (parser) throws(ExpressionError) in try parser.prefixed() }
    return try made(.complement(part), from: start)
  }

  private mutating func primary() throws(ExpressionError) -> MaskExpression {
    let start = token.range.lowerBound
    switch token.kind {
    case .quoted(let reference):
      guard !reference.isEmpty else { throw refusal("nothing is named in these quotes", at: start) }
      advance()
      return try made(.mask(reference), from: start)
    case .word(let word):
      advance()
      guard token.kind == .mark("(") else { return try made(.mask(word), from: start) }
      return try function(word, from: start)
    case .mark("("):
      advance()
      let inner = try deeper { (parser) throws(ExpressionError) in try parser.chain(of: 0) }
      try expect(")", "for the '(' that was opened")
      return inner
    default:
      throw missingMask()
    }
  }

  /// A mask was to stand at the present place.
  private func missingMask() -> ExpressionError {
    switch token.kind {
    case .end where previous == nil: refusal("the expression is empty; name a mask", at: 0)
    case .end: refusal("a mask is missing at the end", at: token.range.lowerBound)
    case .mark(let mark):
      refusal("a mask is missing before '\(mark)'", at: token.range.lowerBound)
    case .word, .quoted: refusal("a mask is missing", at: token.range.lowerBound)
    }
  }

  /// The text should have ended, or gone on with an operator.
  func unexpected() -> ExpressionError {
    let start = token.range.lowerBound
    switch token.kind {
    case .mark(")"): return refusal("no '(' was opened for this ')'", at: start)
    case .mark(let mark):
      return refusal("'\(mark)' does not belong here", at: start)
    default:
      if case .word(let word) = previous?.kind, word.hasSuffix("-") {
        let sign = (previous?.range.upperBound ?? start) - 1
        return refusal("'-' between masks needs a space on both sides", at: sign)
      }
      return refusal("an operator is missing here: one of & | ^ or ' - '", at: start)
    }
  }
}
