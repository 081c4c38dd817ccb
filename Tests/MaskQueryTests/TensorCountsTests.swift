import MaskModel
import MaskQuery
import Testing

@Suite struct TensorCountsTests {
  private func counts(
    compared: Int = 12,
    count: Int = 3,
    rows: [UInt32]? = [1, 1, 1, 0],
    columns: [UInt32]? = [3, 0, 0],
    exponents: [Int]? = [1, 2],
    totals: [Int]? = [4, 8]
  ) -> String? {
    TensorCounts(
      tensor: TensorLayout(name: "t", shape: shape([4, 3])),
      compared: compared,
      marginals: TensorMarginals(
        count: count,
        rows: rows,
        columns: columns,
        exponents: exponents
      ),
      exponentTotals: totals
    ).contradiction
  }

  @Test func `sound counts pass`() {
    #expect(counts() == nil)
    #expect(counts(rows: nil, columns: nil, exponents: nil, totals: nil) == nil)
    #expect(Model([[3, 4], [], [0, 2], [7]]).pair.a.allSatisfy { $0.contradiction == nil })
  }

  @Test func `contradictions are named`() {
    #expect(counts(compared: 15) == "t: more positions compared than there are")
    #expect(counts(compared: 11) == "t: part of a row compared")
    #expect(counts(count: 13) == "t: more positions changed than compared")
    #expect(counts(count: -1) == "t: more positions changed than compared")
    #expect(counts(rows: [1, 1, 1]) == "t: the counts per row disagree")
    #expect(counts(rows: [1, 1, 0, 0]) == "t: the counts per row disagree")
    #expect(counts(rows: [4, 0, 0, 0]) == "t: the counts per row disagree")
    #expect(counts(columns: [1, 1, 0]) == "t: the counts per column disagree")
    #expect(counts(totals: [4, 7]) == "t: the counts per magnitude disagree")
    #expect(counts(exponents: [5, -2]) == "t: the counts per magnitude disagree")
    #expect(counts(totals: [.max, 1]) == "t: the counts per magnitude disagree")
    #expect(counts(totals: [12]) == "t: the counts per magnitude disagree")
  }
}
