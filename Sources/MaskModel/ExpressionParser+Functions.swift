extension ExpressionParser {
  private static let names = "atleast, exactly, only, random, and within the first two where"

  /// The function `name` from its '(' on.
  mutating func function(
    _ name: String,
    from start: Int
  ) throws(ExpressionError) -> MaskExpression {
    advance()
    return try deeper { (parser) throws(ExpressionError) in
      switch name {
      case "atleast": try parser.tally(.atLeast, from: start)
      case "exactly": try parser.tally(.exactly, from: start)
      case "only": try parser.only(from: start)
      case "random": try parser.random(from: start)
      case "where":
        throw parser.refusal(
          "where(...) is a list of masks; write it within atleast(k, ...) or exactly(k, ...)",
          at: start
        )
      default:
        throw parser.refusal(
          "there is no function '\(name)'; there are \(Self.names); quotes make it a name",
          at: start
        )
      }
    }
  }

  private mutating func tally(
    _ tally: MaskExpression.Tally,
    from start: Int
  ) throws(ExpressionError) -> MaskExpression {
    let place = token.range.lowerBound
    guard case .word(let word) = token.kind, let count = Int(word), count >= 0 else {
      throw refusal("\(tally.rawValue) takes first the number of masks, as in 2", at: place)
    }
    advance()
    var items: [MaskExpression.Item] = []
    while skip(",") { items.append(try item()) }
    try expect(")", "after the masks of \(tally.rawValue)")
    guard !items.isEmpty else {
      throw refusal("\(tally.rawValue) takes masks after the number", at: place)
    }
    return try made(.tally(tally, count: count, items), from: start)
  }

  private mutating func item() throws(ExpressionError) -> MaskExpression.Item {
    let start = token.range.lowerBound
    guard token.kind == .word("where"), next.kind == .mark("(") else {
      return .expression(try chain(of: 0))
    }
    advance()
    advance()
    var filters: [String] = []
    repeat { filters.append(try filter()) } while skip(",")
    try expect(")", "after the fields of where")
    return .runs(filters, range: start..<(previous?.range.upperBound ?? start))
  }

  private mutating func filter() throws(ExpressionError) -> String {
    let key = try name("where takes fields as KEY=VALUE")
    try expect("=", "between a field and its value")
    let value = try name("a field's value is missing")
    guard !key.isEmpty, !value.isEmpty else {
      throw refusal("where takes fields as KEY=VALUE", at: previous?.range.lowerBound ?? 0)
    }
    return "\(key)=\(value)"
  }

  private mutating func only(from start: Int) throws(ExpressionError) -> MaskExpression {
    let part = try chain(of: 0)
    var globs: [String] = []
    while skip(",") {
      globs.append(try name("only takes a glob of tensor names, as in '*q_proj*'"))
    }
    guard !globs.isEmpty else {
      throw refusal(
        "only takes a mask and a glob of tensor names, as in only(a, '*q_proj*')",
        at: token.range.lowerBound
      )
    }
    try expect(")", "after the globs of only")
    return try made(.only(part, globs), from: start)
  }

  /// The text of the word or quotes at the present place.
  private mutating func name(_ reason: String) throws(ExpressionError) -> String {
    switch token.kind {
    case .word(let text), .quoted(let text):
      advance()
      return text
    default: throw refusal(reason, at: token.range.lowerBound)
    }
  }
}

extension ExpressionParser {
  private mutating func random(from start: Int) throws(ExpressionError) -> MaskExpression {
    var (like, match, seed): (MaskExpression?, RandomControl.Match?, UInt64?)
    repeat {
      let place = token.range.lowerBound
      let key = try name("random takes like=MASK, match=global|tensor|magnitude and seed=NUMBER")
      try expect("=", "after '\(key)'")
      switch key {
      case "like" where like == nil: like = try chain(of: 0)
      case "match" where match == nil: match = try matchName()
      case "seed" where seed == nil: seed = try seedNumber()
      case "like", "match", "seed": throw refusal("'\(key)' is said twice", at: place)
      default: throw refusal("random takes like, match and seed, not '\(key)'", at: place)
      }
    } while skip(",")
    try expect(")", "after what random takes")
    guard let like, let match, let seed else {
      let missing = like == nil ? "like=MASK" : match == nil ? "match=tensor" : "seed=0"
      throw refusal("random lacks \(missing)", at: start)
    }
    return try made(
      .random(RandomControl(like: like, match: match, seed: seed)),
      from: start
    )
  }

  private mutating func matchName() throws(ExpressionError) -> RandomControl.Match {
    let place = token.range.lowerBound
    guard let match = RandomControl.Match(rawValue: try name("match= lacks its value")) else {
      throw refusal("match is global, tensor or magnitude", at: place)
    }
    return match
  }

  private mutating func seedNumber() throws(ExpressionError) -> UInt64 {
    let place = token.range.lowerBound
    guard let seed = UInt64(try name("seed= lacks its number")) else {
      throw refusal("seed is a whole number from 0 to \(UInt64.max)", at: place)
    }
    return seed
  }
}
