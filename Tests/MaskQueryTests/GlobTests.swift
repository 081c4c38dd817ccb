import MaskQuery
import Testing

@Suite struct GlobTests {
  @Test(arguments: [
    ("*", "", true), ("", "", true), ("", "a", false), ("a*c", "abbc", true), ("a*c", "ac", true),
    ("a*c", "acb", false), ("?b", "ab", true), ("?", "", false), ("*norm*", "LayerNorm", true),
    ("a*b*c", "axbxbxc", true), ("a*b*c", "axcxb", false), ("**", "x", true), ("[a]", "[a]", true),
  ])
  func `a pattern fits the whole text`(pattern: String, text: String, fits: Bool) {
    #expect(Glob(pattern).matches(text) == fits)
  }

  @Test func `many stars are no trap`() {
    let pattern = String(repeating: "a*", count: 30) + "b"
    #expect(!Glob(pattern).matches(String(repeating: "a", count: 3000)))
  }
}
