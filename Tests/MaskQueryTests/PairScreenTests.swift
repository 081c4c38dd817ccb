import MaskModel
import MaskQuery
import Testing

@Suite struct PairScreenTests {
  private func mask(_ count: Int, skipped: Bool = false) -> MaskSummary {
    MaskSummary(
      id: "m\(count)",
      run: "m\(count)",
      definition: "paper",
      compareType: "bf16",
      base: "base",
      parameters: 100,
      count: count,
      skippedTensors: skipped ? [SkippedTensor(name: "t", reason: "shapes differ")] : []
    )
  }

  @Test func `a pair is ruled out only where sizes allow no such index`() {
    let masks = [mask(10), mask(20), mask(100), mask(0)]
    let screen = PairScreen(threshold: 0.5)
    #expect(screen.candidates(among: masks) == [MaskPair(0, 1)])
    #expect(PairScreen(limit: 1).candidates(among: masks).count == 6)
    #expect(PairScreen(threshold: 0).candidates(among: masks).count == 6)
  }

  @Test func `two empty masks are equal and a mask that skipped a tensor is never ruled out`() {
    let screen = PairScreen(threshold: 1)
    #expect(screen.candidates(among: [mask(0), mask(0)]).count == 1)
    #expect(screen.candidates(among: [mask(1), mask(90, skipped: true)]).count == 1)
  }

  @Test func `the largest come first and the rest is counted by reason`() {
    let pairs = [3, 8, 1, 8, 6].enumerated().map { pair("p\($0)", sharing: $1) }
    let (shown, omitted) = PairScreen(threshold: 0.1, limit: 3).apply(to: pairs, of: 9)
    #expect(shown.map(\.a) == ["p1", "p3", "p4"])
    #expect(omitted.ruledOut == 4 && omitted.below == 1 && omitted.beyondLimit == 1)
    #expect(omitted.count == 6 && omitted.total == 9)
  }

  @Test func `without a limit the order stays`() {
    let pairs = [3, 8, 1].enumerated().map { pair("p\($0)", sharing: $1) }
    #expect(PairScreen(threshold: 0.1).apply(to: pairs, of: 3).shown.map(\.a) == ["p0", "p1"])
  }

  /// Two masks of ten positions in one tensor of a hundred.
  private func pair(_ name: String, sharing intersection: Int) -> PairOverlap {
    guard let shape = TensorShape([100]) else { preconditionFailure("no such shape") }
    let counts = TensorCounts(
      tensor: TensorLayout(name: "t", shape: shape),
      compared: 100,
      marginals: TensorMarginals(count: 10, rows: nil, columns: nil, exponents: nil),
      exponentTotals: nil
    )
    return PairOverlap(
      a: name,
      b: "b",
      counts: PairCounts(a: [counts], b: [counts], intersections: [intersection]),
      nulls: []
    )
  }
}
