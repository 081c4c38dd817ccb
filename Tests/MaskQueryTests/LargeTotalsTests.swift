import MaskModel
import MaskQuery
import Testing

/// One tensor of 2^40 positions without rows.
private func vector(_ count: Int, of positions: Int = 1 << 40) -> TensorCounts {
  TensorCounts(
    tensor: TensorLayout(name: "t", shape: shape([positions])),
    compared: positions,
    marginals: TensorMarginals(count: count, rows: nil, columns: nil, exponents: nil),
    exponentTotals: nil
  )
}

@Suite struct LargeTotalsTests {
  private let n = 1 << 40
  private let a = 333_333_333_333
  private let b = 222_222_222_221

  /// (N n11 - a b) / N, divided as late as possible.
  private func exactExcess(_ intersection: Int) -> Double {
    let numerator = Int128(n) * Int128(intersection) - Int128(a) * Int128(b)
    return Double(numerator) / Double(n)
  }

  @Test(arguments: [Null.global, .tensor, .row, .column, .rowColumn], [0, 1, -1, 1_000_000])
  func `an excess of a position over 67 billion keeps its digits`(null: Null, offset: Int) {
    let expected = Int(Int128(a) * Int128(b) / Int128(n))
    let pair = PairCounts(a: [vector(a)], b: [vector(b)], intersections: [expected + offset])
    let result = pair.result(under: null)
    #expect(agree(result.excess, exactExcess(expected + offset), tolerance: 1e-14))
    #expect(agree(result.expected, Double(Int128(a) * Int128(b)) / Double(n), tolerance: 1e-15))
  }

  @Test func `coefficients do not overflow`() {
    let table = ContingencyTable(parameters: n, countA: a, countB: b, intersection: b)
    let metrics = PairMetrics(table)
    #expect(metrics.coverageB == 1 && metrics.overlapCoefficient == 1)
    #expect(metrics.phi.map { $0 > 0.7 && $0 < 0.8 } == true)
    #expect(metrics.kappa.map { $0 > 0.7 && $0 < 0.8 } == true)
    #expect(metrics.log2OddsRatio.map { $0 > 30 } == true)
  }

  @Test func `the largest counts that a layout can hold are summed`() {
    let full = Int.max
    let pair = PairCounts(
      a: [vector(full, of: full)],
      b: [vector(full - 1, of: full)],
      intersections: [full - 1]
    )
    let result = pair.result(under: .global)
    #expect(result.expected == Double(full - 1) && result.excess == 0)
    #expect(agree(PairMetrics(pair.table).jaccard, 1))
  }
}
