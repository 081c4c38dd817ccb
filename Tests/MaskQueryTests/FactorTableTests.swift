import MaskModel
import MaskQuery
import Testing

/// One tensor with the counts of one mask of `table`.
private func counts(_ count: Int, of table: ContingencyTable) -> [TensorCounts] {
  let marginals = TensorMarginals(count: count, rows: nil, columns: nil, exponents: nil)
  let tensor = TensorLayout(name: "w", shape: shape([table.parameters]))
  return [
    TensorCounts(
      tensor: tensor,
      compared: table.parameters,
      marginals: marginals,
      exponentTotals: nil
    )
  ]
}

private func overlap(_ a: RunCase, _ b: RunCase, _ table: ContingencyTable) -> PairOverlap {
  PairOverlap(
    a: a.id,
    b: b.id,
    counts: PairCounts(
      a: counts(table.countA, of: table),
      b: counts(table.countB, of: table),
      intersections: [table.intersection]
    ),
    nulls: [.global, .magnitude]
  )
}

/// A table of `cases`, every pair of which overlaps as `table`.
private func table(_ cases: [RunCase], _ table: ContingencyTable) throws -> FactorTable {
  let overlaps = MaskPair.all(of: cases.count).map { overlap(cases[$0.a], cases[$0.b], table) }
  return FactorTable(cases, overlaps: overlaps, factors: try RunFactors(of: cases))
}

@Suite struct FactorTableTests {
  private let few = ContingencyTable(parameters: 100, countA: 40, countB: 20, intersection: 10)

  @Test(
    arguments: zip(
      PaperRow.table,
      [
        "seed=123 dataset=tulu algorithm=dpo", "seed=42 dataset=prime algorithm=dpo",
        "seed=1 dataset=prime algorithm=prime",
      ]
    )
  )
  func `Table 4 of the paper is the factor table of its pairs`(
    row: PaperRow,
    fields: String
  ) throws {
    let cases = [run("a", "seed=42 dataset=tulu algorithm=dpo"), run("b", fields)]
    let found = try #require(table(cases, row.table).rows.first)
    #expect(found.factors.count == (row.testDescription == "seed, data and algorithm" ? 3 : 1))
    // Where the second run's values come first it is A.
    let isTurned = found.pairs[0].overlap.a == "b@paper"
    func mean(_ quantity: FactorQuantity) -> Double { found.mean(quantity)?.value ?? -1 }
    let observed = isTurned ? (row.observed.o2, row.observed.o1) : row.observed
    let random = isTurned ? row.densities : (a: row.densities.b, b: row.densities.a)
    #expect(abs(mean(.coverageA) * 100 - observed.0) < 0.15)
    #expect(abs(mean(.coverageB) * 100 - observed.1) < 0.15)
    #expect(abs(mean(.randomCoverageA) * 100 - random.a) < 1e-5)
    #expect(abs(mean(.randomCoverageB) * 100 - random.b) < 1e-5)
    #expect(abs(mean(.jaccard) - row.jaccard) < 0.0015)
    #expect(abs(mean(.lift(.global)) - row.lift) < 0.006)
    #expect(abs(mean(.phi) - row.phi) < 0.0015)
    #expect(found.mean(.attained(.magnitude)) == nil)
  }

  @Test func `a pair belongs to what differs, single factors first`() throws {
    let cases = [
      run("a", "algorithm=grpo dataset=add seed=0"), run("b", "algorithm=grpo dataset=add seed=1"),
      run("c", "algorithm=dpo dataset=add seed=0"), run("d", "algorithm=grpo dataset=add seed=0"),
      run("e", "algorithm=grpo dataset=add seed=0 lr=1"),
    ]
    let rows = try table(cases, few).rows
    #expect(
      rows.map { "\($0.factors.joined(separator: "+")): \($0.pairs.count)" } == [
        ": 1", "algorithm: 2", "seed: 2", "lr: 2", "algorithm+seed: 1", "algorithm+lr: 1",
        "seed+lr: 1",
      ]
    )
    let lr = try #require(rows.first { $0.factors == ["lr"] })
    #expect(rows.filter { !$0.isRecorded }.allSatisfy { $0.factors.contains("lr") })
    #expect(!lr.isRecorded && rows.count { $0.isRecorded } == 4)
    #expect(lr.pairs[0].valuesA == [nil] && lr.pairs[0].valuesB == ["1"])
  }

  @Test func `equal numbers are no difference, and long ones are told apart`() throws {
    let cases = [
      run("a", "lr=1e-06 seed=9007199254740993"), run("b", "lr=1e-6 seed=9007199254740993"),
      run("c", "lr=1e-6 seed=9007199254740992"),
    ]
    let rows = try table(cases, few).rows
    #expect(rows.map { "\($0.factors.joined()): \($0.pairs.count)" } == [": 1", "seed: 2"])
  }

  @Test func `the run whose value comes first is A, and nothing else changes`() throws {
    let (a, b) = (run("a", "seed=10"), run("b", "seed=9"))
    let pair = try #require(table([a, b], few).rows.first?.pairs.first)
    #expect(pair.overlap.a == "b@paper" && pair.valuesA == ["9"] && pair.valuesB == ["10"])
    #expect(pair.overlap.metrics.coverageA == 0.5 && pair.overlap.metrics.coverageB == 0.25)
    #expect(pair.overlap.nulls == overlap(a, b, few).nulls)
  }

  @Test func `a mean is over the pairs that have a value`() throws {
    let cases = [run("a", "seed=1"), run("b", "seed=2"), run("c", "seed=3")]
    let empty = ContingencyTable(parameters: 100, countA: 40, countB: 0, intersection: 0)
    let overlaps = [few, few, empty].enumerated().map { place, table in
      let pair = MaskPair.all(of: 3)[place]
      return overlap(cases[pair.a], cases[pair.b], table)
    }
    let factors = try RunFactors(of: cases)
    let row = try #require(FactorTable(cases, overlaps: overlaps, factors: factors).rows.first)
    let mean = try #require(row.mean(.coverageB))
    #expect(mean.pairs == 2 && mean.value == 0.5 && row.pairs.count == 3)
  }
}

@Suite struct FactorRankingTests {
  /// Pairs of runs that differ in the seed alone and share so many of 100 positions, and pairs that
  /// differ in the dataset alone; runs of two pairs differ in both.
  private func ranking(seeds: [Int], datasets: [Int]) throws -> FactorRanking {
    let count = seeds.count
    let rows = (0..<count).flatMap { place in
      [
        run("a\(place)", "seed=\(2 * place) dataset=\(place)"),
        run("b\(place)", "seed=\(2 * place + 1) dataset=\(place)"),
      ]
    }
    let columns = (0..<datasets.count).flatMap { place in
      [
        run("c\(place)", "seed=\(100 + place) dataset=\(100 + 2 * place)"),
        run("d\(place)", "seed=\(100 + place) dataset=\(101 + 2 * place)"),
      ]
    }
    let cases = rows + columns
    let overlaps = MaskPair.all(of: cases.count).map { pair in
      let isNext = pair.a % 2 == 0 && pair.b == pair.a + 1
      let place = pair.a / 2
      let shared = isNext ? (place < count ? seeds[place] : datasets[place - count]) : 5
      return overlap(
        cases[pair.a],
        cases[pair.b],
        ContingencyTable(parameters: 1000, countA: 100, countB: 100, intersection: shared)
      )
    }
    let factors = try RunFactors(of: cases)
    return FactorRanking(FactorTable(cases, overlaps: overlaps, factors: factors), by: .coverageA)
  }

  @Test func `means and deviations are those of the pairs, the largest mean first`() throws {
    let ranking = try ranking(seeds: [10, 20, 30], datasets: [40, 44, 48, 52])
    let found = ranking.entries.map { ($0.row.factors, $0.mean, $0.deviation ?? -1, $0.pairs) }
    #expect(found.map(\.0) == [["dataset"], ["seed"]] && found.map(\.3) == [4, 3])
    // Deviations over n - 1: of .40 .44 .48 .52 the root of .008 / 3, of .1 .2 .3 it is .1.
    #expect(agree(found[0].1, 0.46) && agree(found[0].2, (0.008 / 3).squareRoot()))
    #expect(agree(found[1].1, 0.2) && agree(found[1].2, 0.1))
  }

  @Test func `rows are told apart beyond twice the pooled deviation, and of three pairs each`()
    throws
  {
    // Pooled: the root of (.02 + .008) / 5, .0748; the means are .26 apart.
    let apart = try ranking(seeds: [10, 20, 30], datasets: [40, 44, 48, 52]).toldApart
    #expect(apart.map(\.more) == [0] && apart.map(\.less) == [1])
    // The means are .14 apart, less than .1497.
    #expect(try ranking(seeds: [22, 32, 42], datasets: [40, 44, 48, 52]).toldApart.isEmpty)
    #expect(try ranking(seeds: [10, 10], datasets: [90, 90, 90, 90]).toldApart.isEmpty)
  }

  @Test func `equal values are no difference`() throws {
    #expect(try ranking(seeds: [7, 7, 7], datasets: [7, 7, 7]).toldApart.isEmpty)
    #expect(try ranking(seeds: [7, 7, 7], datasets: [8, 8, 8]).toldApart.count == 1)
  }
}
