import TestSupport
import Foundation
import MaskModel
import MaskQuery
import Testing

/// Every way to put labels on items that a permutation within blocks gives, plainly.
private func rearrangements(_ labels: [Int], _ blocks: [[Int]]) -> [[Int]] {
  blocks.reduce([labels]) { all, block in
    all.flatMap { labels in
      permutations(block).map { order in
        var result = labels
        for (place, source) in zip(block, order) { result[place] = labels[source] }
        return result
      }
    }
  }
}

private func permutations(_ items: [Int]) -> [[Int]] {
  guard items.count > 1 else { return [items] }
  return items.indices.flatMap { place in
    var rest = items
    let first = rest.remove(at: place)
    return permutations(rest).map { [first] + $0 }
  }
}

/// The mean within groups minus the mean between them.
private func difference(_ values: [[Double]], _ labels: [Int]) -> Double {
  let pairs = MaskPair.all(of: labels.count)
  func mean(_ pairs: [MaskPair]) -> Double {
    pairs.reduce(0) { $0 + values[$1.a][$1.b] } / Double(pairs.count)
  }
  return mean(pairs.filter { labels[$0.a] == labels[$0.b] })
    - mean(pairs.filter { labels[$0.a] != labels[$0.b] })
}

/// The groups that labels make, without their names.
private func partition(_ labels: [Int]) -> Set<Set<Int>> {
  Set(Dictionary(grouping: labels.indices) { labels[$0] }.values.map(Set.init))
}

private func randomValues(_ count: Int, seed: UInt64) -> [[Double]] {
  var generator = SeededGenerator(seed: seed)
  var values = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
  for pair in MaskPair.all(of: count) {
    // Few different values, so that arrangements tie.
    let value = Double(Int.random(in: 0..<5, using: &generator)) / 10
    (values[pair.a][pair.b], values[pair.b][pair.a]) = (value, value)
  }
  return values
}

private struct Design: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let labels: [Int]
  let blocks: [[Int]]
  let arrangements: Double

  static let all = [
    Design(
      testDescription: "two groups of three",
      labels: [0, 0, 0, 1, 1, 1],
      blocks: [[0, 1, 2, 3, 4, 5]],
      arrangements: 10
    ),
    Design(
      testDescription: "unequal groups",
      labels: [0, 1, 1, 2, 2, 0, 0],
      blocks: [[0, 1, 2, 3, 4, 5, 6]],
      arrangements: 105
    ),
    Design(
      testDescription: "two blocks",
      labels: [0, 1, 2, 0, 1],
      blocks: [[0, 1, 2], [3, 4]],
      arrangements: 6
    ),
    Design(
      testDescription: "blocks that cannot exchange",
      labels: [0, 0, 1, 1, 0, 1],
      blocks: [[0, 1], [2, 3], [4], [5]],
      arrangements: 1
    ),
    Design(
      testDescription: "three blocks of unlike make-up",
      labels: [0, 1, 0, 1, 1, 2, 0, 2],
      blocks: [[0, 1, 2], [3, 4, 5], [6, 7]],
      arrangements: 18
    ),
  ]
}

@Suite struct PermutationTests {
  @Test(arguments: Design.all, [1, 2, 3, 4] as [UInt64])
  private func `the exact test is what trying everything gives`(design: Design, seed: UInt64) {
    let values = randomValues(design.labels.count, seed: seed)
    let all = rearrangements(design.labels, design.blocks)
    let observed = difference(values, design.labels)
    let expected = all.count { difference(values, $0) >= observed - 1e-9 }
    let result = PermutationTest(values: values, labels: design.labels, blocks: design.blocks)
      .result(PermutationPlan())
    #expect(result.isExact)
    #expect(abs(result.p - Double(expected) / Double(all.count)) < 1e-15)
    #expect(result.arrangements == Double(Set(all.map(partition)).count))
    #expect(result.arrangements == design.arrangements && result.tried == Int(design.arrangements))
  }

  @Test func `the largest difference of all has the smallest p`() {
    var values = [[Double]](repeating: [Double](repeating: 0, count: 6), count: 6)
    let labels = [0, 0, 0, 1, 1, 1]
    for pair in MaskPair.all(of: 6) where labels[pair.a] == labels[pair.b] {
      (values[pair.a][pair.b], values[pair.b][pair.a]) = (1, 1)
    }
    let test = PermutationTest(values: values, labels: labels, blocks: [Array(0..<6)])
    let result = test.result(PermutationPlan())
    #expect(result.p == 0.1 && result.smallestP == 0.1 && !result.canReach05)
  }

  @Test func `drawn arrangements agree with all of them, and a seed gives one answer`() {
    let labels = [0, 1, 0, 1, 2, 0, 1, 2, 2]
    let blocks = [[0, 1, 4, 5, 8], [2, 3, 6, 7]]
    let test = PermutationTest(values: randomValues(9, seed: 5), labels: labels, blocks: blocks)
    let exact = test.result(PermutationPlan())
    let plan = PermutationPlan(exactLimit: 0, permutations: 20_000, seed: 7)
    let drawn = test.result(plan)
    #expect(exact.isExact && !drawn.isExact && drawn.seed == 7 && drawn.tried == 20_001)
    #expect(drawn.arrangements == exact.arrangements)
    #expect(abs(drawn.p - exact.p) < 0.015)
    #expect(test.result(plan) == drawn)
    #expect(drawn.smallestP == 1.0 / 20_001)
  }

  @Test func `the numbers of arrangements that no integer holds are still told`() {
    func count(_ groups: Int, _ size: Int) -> Double {
      let items = groups * size
      let none = [Double](repeating: 0, count: items)
      return PermutationTest(
        values: [[Double]](repeating: none, count: items),
        labels: (0..<items).map { $0 % groups },
        blocks: [Array(0..<items)]
      ).arrangementCount
    }
    #expect(count(2, 10) == 92_378)
    #expect(count(8, 1) == 1)
    #expect(abs(count(3, 100) / 6.26e139 - 1) < 0.01)
    #expect(count(200, 2) == .infinity)
  }

  @Test func `numbers below a bound are uniform and the same everywhere`() {
    var generator = SplitMix64(seed: 1)
    let numbers = (0..<30_000).map { _ in generator.below(3) }
    for value in 0..<3 { #expect(abs(numbers.count { $0 == value } - 10_000) < 300) }
    var again = SplitMix64(seed: 0)
    #expect(again.next() == 0xE220_A839_7B1D_CDAF)
  }
}
