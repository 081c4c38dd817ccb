import MaskModel
import MaskQuery
import Testing

/// Table 4 of arXiv 2505.11711: densities in per cent (random o2, o1) and observed coverages.
struct PaperRow: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// |A| / N and |B| / N: what a random other mask would cover.
  let densities: (a: Double, b: Double)
  let observed: (o1: Double, o2: Double)
  let jaccard: Double
  let lift: Double
  let phi: Double

  static let table = [
    PaperRow(
      testDescription: "seed",
      densities: (36.7, 36.7),
      observed: (60.5, 60.6),
      jaccard: 0.434,
      lift: 1.65,
      phi: 0.377
    ),
    PaperRow(
      testDescription: "data",
      densities: (36.7, 14.6),
      observed: (26.7, 67.1),
      jaccard: 0.236,
      lift: 1.83,
      phi: 0.261
    ),
    PaperRow(
      testDescription: "seed, data and algorithm",
      densities: (12.9, 23.0),
      observed: (59.1, 33.2),
      jaccard: 0.270,
      lift: 2.57,
      phi: 0.331
    ),
  ]

  /// Masks over ten million positions with the published densities and intersection, which the two
  /// coverages give up to their rounding.
  var table: ContingencyTable {
    let n = 10_000_000.0
    let (a, b) = (n * densities.a / 100, n * densities.b / 100)
    let intersection = (a * observed.o1 + b * observed.o2) / 200
    return ContingencyTable(
      parameters: Int(n),
      countA: Int(a.rounded()),
      countB: Int(b.rounded()),
      intersection: Int(intersection.rounded())
    )
  }

  /// The same masks as the counts of one flat tensor.
  var counts: PairCounts {
    func tensor(_ count: Int) -> TensorCounts {
      TensorCounts(
        tensor: TensorLayout(name: "w", shape: shape([table.parameters])),
        compared: table.parameters,
        marginals: TensorMarginals(count: count, rows: nil, columns: nil, exponents: nil),
        exponentTotals: nil
      )
    }
    return PairCounts(
      a: [tensor(table.countA)],
      b: [tensor(table.countB)],
      intersections: [table.intersection]
    )
  }
}

@Suite struct PaperTests {
  @Test(arguments: PaperRow.table)
  func `Table 4 of the paper is reproduced`(row: PaperRow) throws {
    let overlap = PairOverlap(a: "a", b: "b", counts: row.counts, nulls: [.global])
    let metrics = overlap.metrics
    let lift = try #require(PairStatistic("lift:global")?.value(of: overlap))
    #expect(abs(try #require(metrics.jaccard) - row.jaccard) < 0.0015)
    #expect(abs(lift - row.lift) < 0.006)
    #expect(abs(try #require(metrics.phi) - row.phi) < 0.0015)
    #expect(abs(try #require(metrics.coverageA) * 100 - row.observed.o1) < 0.15)
    #expect(abs(try #require(metrics.coverageB) * 100 - row.observed.o2) < 0.15)
  }

  @Test func `lift and phi rank the rows differently`() throws {
    let phis = try PaperRow.table.map { try #require(PairMetrics($0.table).phi) }
    #expect(phis[0] > phis[2] && phis[2] > phis[1])
    #expect(PaperRow.table[0].lift < PaperRow.table[1].lift)
  }
}
