import TestSupport
import MaskModel
import Testing

struct ExpressionTests {
  @Test(
    arguments: [
      ("a | b & c", "a | b & c", "a | (b & c)"),
      ("a ^ b | c", "a ^ b | c", "(a ^ b) | c"),
      ("a & b - c", "a & b - c", "a & (b - c)"),
      ("a ^ b & c - d", "a ^ b & c - d", "a ^ (b & (c - d))"),
      ("!a - b", "!a - b", "(!a) - b"),
      ("!!a", "!!a", "!(!a)"),
      ("a&b|c^d", "a & b | c ^ d", "(a & b) | (c ^ d)"),
    ]
  )
  func `operators bind as those of Python's sets`(
    text: String,
    canonical: String,
    spelledOut: String
  ) throws {
    let expression = try MaskExpression(parsing: text)
    #expect(expression.description == canonical)
    #expect(try MaskExpression(parsing: spelledOut).description == canonical)
  }

  @Test func `a chain is read from left to right, and parentheses stay where they matter`() throws {
    let texts = [
      "a - (b - c)", "(a | b) & c", "!(a & b)", "a - (b | c)", "(a ^ b) ^ c", "a - b - c",
      "only(a | b, *q_proj*, 'k proj')", "random(like=a & b, match=tensor, seed=7)",
      "atleast(2, a, b | c, where(algorithm=grpo, seed='0,1'))", "exactly(0, a, 'a''b')",
      "a - 'b''\u{301} c'",
    ]
    for text in texts { #expect(try MaskExpression(parsing: text).description == text) }
  }

  @Test(
    arguments: [
      "grpo-s0", "run@absolute:1e-5", "run@numeric@fp32", "lab.maskdb:dpo-*", "a-b-c@paper:1e-8",
      "where", "only", "12", "a.b_c?",
    ]
  )
  func `names with dashes, colons and signs stay names`(name: String) throws {
    #expect(MaskExpression.isReference(name))
    #expect(try MaskExpression(parsing: name).node == .mask(name))
    #expect(try MaskExpression(parsing: "'\(name)'").node == .mask(name))
    let twice = try MaskExpression(parsing: "\(name) - \(name)")
    guard case .joined(.subtraction, let parts) = twice.node else {
      Issue.record("\(twice) is no subtraction")
      return
    }
    #expect(parts.map(\.node) == [.mask(name), .mask(name)])
  }

  @Test func `nodes know where they stand`() throws {
    let text = "a | only(grpo-s0 & 'b c', *q*)"
    let expression = try MaskExpression(parsing: text)
    guard case .joined(_, let parts) = expression.node, case .only(let inner, _) = parts[1].node,
      case .joined(_, let operands) = inner.node
    else {
      Issue.record("\(expression) is another expression")
      return
    }
    let places = ([expression] + parts + operands).map { Array(text.utf8)[$0.range] }
    #expect(
      places.map { String(decoding: $0, as: UTF8.self) }
        == [text, "a", "only(grpo-s0 & 'b c', *q*)", "grpo-s0", "'b c'"]
    )
  }

  @Test(
    arguments: [
      ("", 0, "empty"), ("a &", 3, "missing at the end"), ("a & & b", 4, "missing before '&'"),
      ("a b", 2, "operator is missing"), ("a -b", 2, "space on both sides"),
      ("a- b", 1, "space on both sides"), ("(a", 2, "')' is missing"), ("a)", 1, "no '('"),
      ("()", 1, "missing before ')'"), ("!", 1, "missing at the end"), ("'a", 0, "not closed"),
      ("nor(a)", 0, "no function 'nor'"), ("where(seed=0)", 0, "list of masks"),
      ("atleast(a, b)", 8, "number of masks"), ("atleast(2)", 8, "takes masks"),
      ("atleast(-1, a)", 8, "space on both sides"), ("exactly(2, a", 12, "')' is missing"),
      ("atleast(2, where(seed))", 21, "'=' is missing"), ("only(a)", 6, "glob of tensor names"),
      ("random(like=a, match=tensor)", 0, "lacks seed"),
      ("random(like=a, match=row, seed=0)", 21, "global, tensor or magnitude"),
      ("random(like=a, match=tensor, seed=-1)", 34, "space on both sides"),
      ("random(like=a, match=tensor, seed=x)", 34, "whole number"),
      ("random(like=a, like=b)", 15, "twice"), ("random(a)", 8, "'=' is missing"),
      ("a, b", 1, "does not belong"), ("''", 0, "nothing is named"), ("é & ", 5, "at the end"),
    ]
  )
  func `what is wrong is said at its place`(text: String, offset: Int, reason: String) throws {
    let error = try #require(throws: ExpressionError.self) { try MaskExpression(parsing: text) }
    #expect(error.offset == offset)
    #expect(error.reason.contains(reason), "\(error.reason)")
  }

  @Test func `the caret stands under the place, of a long text under what is near`() {
    let short = "\(ExpressionError("so", at: 4, of: "é & & b"))".split(separator: "\n")
    #expect(short == ["so", "  é & & b", "     ^"])
    let long = String(repeating: "a | ", count: 500) + "& b"
    let error = ExpressionError("so", at: 2000, of: long)
    let lines = "\(error)".split(separator: "\n").map(Array.init)
    #expect(lines[1].count < 150 && lines[1][lines[2].count - 1] == "&")
  }

  @Test func `depth, parts and length are bounded`() {
    let deep = String(repeating: "(", count: 100_000)
    let texts = [
      deep, String(deep.prefix(33)) + "a" + String(repeating: ")", count: 33),
      String(repeating: "!", count: 60_000) + "a", String(repeating: "a|", count: 5000) + "a",
      String(repeating: "a", count: 100_000), String(repeating: "only(", count: 5000),
    ]
    for text in texts {
      #expect(throws: ExpressionError.self) { try MaskExpression(parsing: text) }
    }
    let wide = String(repeating: "a | ", count: 3000) + "a"
    #expect(throws: Never.self) { try MaskExpression(parsing: wide) }
  }

  @Test func `any text is read or refused at a place in it`() {
    let pieces = [
      "a", "grpo-s0", " ", " ", "-", " - ", "&", "|", "^", "!", "(", ")", ",", "=", "'", "é", "\n",
      "atleast(", "exactly(2,", "only(", "random(like=", "where(", "match=", "tensor", "seed=", "7",
      "*q*", "\u{0}", "👩‍👩‍👧",
    ]
    var random = SeededGenerator(seed: 5)
    var read = 0
    for _ in 0..<5000 {
      let count = Int.random(in: 0..<12, using: &random)
      let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      do throws(ExpressionError) {
        let expression = try MaskExpression(parsing: text)
        read += 1
        // The canonical text is read as the same expression.
        let again = try MaskExpression(parsing: expression.description)
        #expect(again.description == expression.description, "\(text)")
      } catch {
        #expect((0...text.utf8.count).contains(error.offset) && !"\(error)".isEmpty, "\(text)")
      }
    }
    #expect(read > 100)
  }
}
