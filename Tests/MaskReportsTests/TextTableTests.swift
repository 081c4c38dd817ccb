import Testing

import MaskReports

@Suite struct TextTableTests {
  @Test func `wide characters, combining marks and emoji are aligned by width`() {
    var table = TextTable([.init("name", .left), .init("n")])
    for name in ["ascii", "漢字", "e\u{301}te\u{301}", "🤖", "한국어", "👩‍🔬x"] {
      table.append([.init(name), "1"])
    }
    #expect(
      table.rendered == """
        name    n
        ascii   1
        漢字    1
        e\u{301}te\u{301}     1
        🤖      1
        한국어  1
        👩‍🔬x     1

        """
    )
  }

  @Test func `a group wider than its columns widens the last`() {
    var table = TextTable([.init("a", group: "a long group"), .init("b", group: "a long group")])
    table.append(["1", "2"])
    #expect(table.rendered == "a long group\na          b\n1          2\n")
  }

  @Test func `a row of another length is a bug`() async {
    await #expect(processExitsWith: .failure) {
      var table = TextTable([.init("a")])
      table.append(["1", "2"])
    }
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"),
    (Int.max, "9,223,372,036,854,775,807"),
  ])
  func `counts are grouped by thousands`(number: Int, text: String) {
    #expect(NumberText.count(number) == text)
  }

  @Test(arguments: [
    (0, "0.000"), (1, "1.000"), (0.4336, "0.434"), (0.0004, "<0.001"), (-0.0004, ">-0.001"),
    (0.9996, ">0.999"), (-0.25, "-0.250"), (-1.5, "-1.500"),
  ])
  func `a share never rounds to another meaning`(share: Double, text: String) {
    #expect(NumberText.share(share) == text)
  }

  @Test(arguments: [
    (0, "0.00"), (1.648, "1.65"), (0.001, "<0.01"), (11.44, "11.4"), (5210.4, "5,210"),
    (1e18, "1e+18"),
  ])
  func `a ratio has about three digits`(ratio: Double, text: String) {
    #expect(NumberText.ratio(ratio) == text)
  }
}
