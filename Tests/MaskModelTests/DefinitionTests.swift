import MaskModel
import Testing

struct DefinitionTests {
  @Test(arguments: [
    "paper", "paper:1e-8", "bitwise", "numeric", "absolute:1e-5", "absolute:0.5", "relative:1e-3",
    "ulp:1", "absolute:0", "paper:1.5e-7", "absolute:250",
  ])
  func `a rule is written as it was read`(text: String) throws {
    #expect(try ChangeRule(parsing: text).description == text)
  }

  @Test func `one rule has one name`() throws {
    #expect(try ChangeRule(parsing: "paper:0.00001").description == "paper")
    #expect(try ChangeRule(parsing: "absolute:1e-05") == ChangeRule(parsing: "absolute:0.00001"))
    #expect(try ChangeRule(parsing: "relative:0.001").description == "relative:1e-3")
  }

  @Test(arguments: [
    "", "papers", "paper:", "paper:x", "paper:-1", "paper:inf", "paper:nan", "bitwise:1", "absolute",
    "ulp", "ulp:1.5", "ulp:-1", "relative:", "numeric:0", "Paper", "ulp:99999999999999999999",
  ])
  func `what names no rule is refused in a sentence that repeats it`(text: String) {
    #expect {
      try ChangeRule(parsing: text)
    } throws: {
      ($0 as? DefinitionError)?.description.contains("'\(text)'") == true
    }
  }

  @Test func `a request may name its dtype`() throws {
    let request = try DefinitionRequest(parsing: "absolute:1e-5@float32")
    #expect(request == DefinitionRequest(rule: .absolute(tolerance: 1e-5), compareType: .fp32))
    #expect(throws: DefinitionError.self) { try DefinitionRequest(parsing: "numeric@int8") }
    #expect(throws: DefinitionError.self) { try DefinitionRequest(parsing: "numeric@fp8_e4m3") }
  }

  @Test func `the default dtype is the less precise one, and there is none between fp16 and bf16`() {
    #expect(DefaultCompareType.of(.paper(tolerance: 1e-5), storing: [.fp32]) == .bf16)
    #expect(DefaultCompareType.of(.numeric, storing: [.fp32, .bf16]) == .bf16)
    #expect(DefaultCompareType.of(.numeric, storing: [.fp32, .fp16]) == .fp16)
    #expect(DefaultCompareType.of(.numeric, storing: [.fp64]) == .fp64)
    #expect(DefaultCompareType.of(.numeric, storing: [.fp8E4M3, .fp32]) == .fp32)
    #expect(DefaultCompareType.of(.numeric, storing: [.fp16, .bf16]) == nil)
    #expect(DefaultCompareType.of(.numeric, storing: [.fp8E4M3]) == nil)
  }
}
