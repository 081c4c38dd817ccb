import MaskModel
import Testing

struct FieldValueTests {
  @Test(
    arguments: [
      ["1e-06", "1e-6", "1E-6", "0.000001", "10e-7", "0.0000010"],
      ["0", "-0", "0.0", "-0.0", "0e5"], ["1", "1.0", "10e-1", "1e0"], ["-3", "-3.0", "-30e-1"],
      ["12345678901234567890123"], ["12345678901234567890124"], ["9007199254740993"],
      ["9007199254740992", "9007199254740992.0"], ["10000000000000000", "1e16", "1.0E+16"],
      ["100000000000000000000", "1e20"], ["1e40", "10e39"], ["5e-324", "4.9e-324"],
      ["0.1", "0.1000000000000000055"],
      ["01"], [" 1"], ["1 "], ["+1"], ["1."], [".5"], ["1_000"], ["0x10"], ["NaN"], ["Infinity"],
      ["true"], ["True"], ["null"], ["-"], [""], ["e5"], ["1e400"], ["bf16"], ["grpo"], ["GRPO"],
      ["\"1\""], ["[1]"], ["1\u{301}"],
    ]
  )
  func `texts are one value where they are one number`(texts: [String]) {
    let others = ["1e-6", "0", "1", "-3", "0.1", "9007199254740993", "9007199254740992", "01", ""]
    #expect(Set(texts.map(FieldValue.canonical)).count == 1)
    let own = FieldValue.canonical(texts[0])
    #expect(FieldValue.canonical(own) == own)
    for other in others where !texts.contains(other) {
      #expect(FieldValue.canonical(other) != own, "\(other)")
    }
  }
}
