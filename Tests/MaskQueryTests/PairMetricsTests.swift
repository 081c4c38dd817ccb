import MaskQuery
import Testing

@Suite struct PairMetricsTests {
  private let table = ContingencyTable(parameters: 100, countA: 40, countB: 25, intersection: 20)

  @Test func `a table by hand`() {
    let metrics = PairMetrics(table)
    #expect(table.union == 45 && table.onlyA == 20 && table.onlyB == 5 && table.neither == 55)
    #expect(agree(metrics.jaccard, 20.0 / 45))
    #expect(metrics.coverageA == 0.5 && metrics.coverageB == 0.8)
    #expect(metrics.overlapCoefficient == 0.8 && agree(metrics.dice, 40.0 / 65))
    #expect(agree(metrics.phi, 1000 / (40.0 * 25 * 60 * 75).squareRoot()))
    #expect(agree(metrics.kappa, 2 * 1000.0 / (40 * 75 + 25 * 60)))
    #expect(agree(metrics.jaccardUnchanged, 55.0 / 80))
    // log2(20.5 * 55.5 / (20.5 * 5.5))
    #expect(agree(metrics.log2OddsRatio, 3.334984247712808))
    #expect(metrics.remarks.isEmpty && metrics.reason == nil)
  }

  @Test func `exchanging the masks exchanges the coverages and nothing else`() {
    let other = PairMetrics(
      ContingencyTable(parameters: 100, countA: 25, countB: 40, intersection: 20)
    )
    let metrics = PairMetrics(table)
    #expect(metrics.coverageA == other.coverageB && metrics.coverageB == other.coverageA)
    #expect(metrics.jaccard == other.jaccard && metrics.phi == other.phi)
    #expect(metrics.kappa == other.kappa && metrics.log2OddsRatio == other.log2OddsRatio)
  }

  @Test func `complements have the same association`() {
    let other = PairMetrics(
      ContingencyTable(parameters: 100, countA: 60, countB: 75, intersection: 55)
    )
    let metrics = PairMetrics(table)
    #expect(metrics.phi == other.phi && metrics.kappa == other.kappa)
    #expect(metrics.log2OddsRatio == other.log2OddsRatio)
    #expect(metrics.jaccardUnchanged == other.jaccard && metrics.jaccard == other.jaccardUnchanged)
  }

  @Test func `dice is a function of jaccard, and kappa is at most phi`() throws {
    let metrics = PairMetrics(table)
    let jaccard = try #require(metrics.jaccard)
    #expect(agree(metrics.dice, 2 * jaccard / (1 + jaccard)))
    #expect(abs(try #require(metrics.kappa)) <= abs(try #require(metrics.phi)))
  }

  @Test func `two empty masks are equal and say so`() {
    let metrics = PairMetrics(
      ContingencyTable(parameters: 9, countA: 0, countB: 0, intersection: 0)
    )
    #expect(metrics.jaccard == 1 && metrics.jaccardUnchanged == 1)
    #expect(
      metrics.reason
        == "jaccard: both masks are empty, so they are equal; coverage_a: mask a is empty; "
        + "coverage_b: mask b is empty; overlap_coefficient: a mask is empty; "
        + "dice: both masks are empty; phi: a mask is empty or full; "
        + "kappa: both masks are empty or full"
    )
    #expect(metrics.coverageA == nil && metrics.coverageB == nil && metrics.dice == nil)
    #expect(metrics.overlapCoefficient == nil && metrics.phi == nil && metrics.kappa == nil)
  }

  @Test func `where no position was compared nothing has a value`() {
    let metrics = PairMetrics(
      ContingencyTable(parameters: 0, countA: 0, countB: 0, intersection: 0)
    )
    #expect(metrics.reason == "no position was compared for both masks")
    let values = [
      metrics.jaccard, metrics.coverageA, metrics.coverageB, metrics.overlapCoefficient,
      metrics.dice, metrics.phi, metrics.kappa, metrics.log2OddsRatio, metrics.jaccardUnchanged,
    ]
    #expect(values.allSatisfy { $0 == nil })
  }

  @Test func `two full masks have no unchanged set to compare`() {
    let metrics = PairMetrics(
      ContingencyTable(parameters: 9, countA: 9, countB: 9, intersection: 9)
    )
    #expect(metrics.jaccard == 1 && metrics.jaccardUnchanged == nil && metrics.phi == nil)
    #expect(metrics.kappa == nil && metrics.dice == 1)
  }

  @Test func `an empty mask beside another covers nothing`() {
    let metrics = PairMetrics(
      ContingencyTable(parameters: 9, countA: 0, countB: 4, intersection: 0)
    )
    #expect(metrics.jaccard == 0 && metrics.coverageA == nil && metrics.coverageB == 0)
    #expect(metrics.kappa == 0 && metrics.dice == 0)
  }

  @Test func `log odds near zero keep their digits`() {
    // 10^9 + 1 positions in each cell of one diagonal, 10^9 in the other.
    let cell = 1_000_000_000
    let metrics = PairMetrics(
      ContingencyTable(
        parameters: 4 * cell + 2,
        countA: 2 * cell + 1,
        countB: 2 * cell + 1,
        intersection: cell + 1
      )
    )
    // 2 log2((2 * 10^9 + 3) / (2 * 10^9 + 1)) to 20 digits.
    #expect(agree(metrics.log2OddsRatio, 2.885390078892536737e-09, tolerance: 1e-14))
  }

  @Test func `impossible tables are refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = ContingencyTable(parameters: 5, countA: 4, countB: 3, intersection: 4)
    }
    await #expect(processExitsWith: .failure) {
      _ = ContingencyTable(parameters: 5, countA: 4, countB: 3, intersection: 1)
    }
  }
}
