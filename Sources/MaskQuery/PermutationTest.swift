internal import MaskModel
internal import Foundation

/// How a permutation test is made.
public struct PermutationPlan: Sendable, Hashable {
  /// The most arrangements that are all tried; beyond, some are drawn.
  public var exactLimit: Int
  /// How many are drawn.
  public var permutations: Int
  /// The seed that they are drawn with.
  public var seed: UInt64

  /// A plan that tries at most `exactLimit` arrangements, else draws `permutations` with `seed`.
  public init(exactLimit: Int = 100_000, permutations: Int = 9_999, seed: UInt64 = 0) {
    self.exactLimit = exactLimit
    self.permutations = permutations
    self.seed = seed
  }
}

/// Whether pairs within groups have larger values than pairs between groups.
///
/// The statistic is the mean value of pairs within a group minus that of pairs between groups. Its
/// null distribution: the labels are exchangeable among the items of a block. One-sided: p is the
/// share of arrangements whose statistic is at least the observed one, which counts as one of them.
/// An arrangement is a way to sort the items into the groups; that two groups of equal make-up
/// exchange their names is no other arrangement, so that 1/arrangements is the smallest p.
package struct PermutationTest {
  /// The value of items i and j, symmetric; the diagonal is not read.
  let values: [[Double]]
  /// The group of every item, from 0.
  let labels: [Int]
  /// The items that may exchange labels; every item is in one block.
  let blocks: [[Int]]

  /// A test of items with `labels` in `blocks` whose pairs have `values`.
  package init(values: [[Double]], labels: [Int], blocks: [[Int]]) {
    precondition(values.count == labels.count, "every item has a label")
    precondition(blocks.flatMap(\.self).sorted() == Array(labels.indices), "blocks part the items")
    self.values = values
    self.labels = labels
    self.blocks = blocks
  }

  /// The result of the test as `plan` has it.
  package func result(_ plan: PermutationPlan) -> PermutationResult {
    let arrangements = arrangementCount
    if arrangements <= Double(plan.exactLimit) {
      var walk = ArrangementWalk(self)
      walk.run()
      return PermutationResult(arrangements: arrangements, reached: walk.reached, of: walk.count)
    }
    return PermutationResult(
      arrangements: arrangements,
      reached: reachedDraws(plan) + 1,
      of: plan.permutations + 1,
      seed: plan.seed
    )
  }

  /// How many of the arrangements that are drawn reach the observed one.
  private func reachedDraws(_ plan: PermutationPlan) -> Int {
    var generator = SplitMix64(seed: plan.seed)
    let needed = neededWithin
    return (0..<plan.permutations).count { _ in within(shuffled(&generator)) >= needed }
  }

  private func shuffled(_ generator: inout SplitMix64) -> [Int] {
    var labels = labels
    for block in blocks {
      for place in block.indices.dropFirst() {
        labels.swapAt(block[place], block[generator.below(place + 1)])
      }
    }
    return labels
  }
}

extension PermutationTest {
  /// The sum over the pairs within groups, on which alone the statistic depends.
  func within(_ labels: [Int]) -> Double {
    labels.indices.reduce(0) { sum, i in
      (0..<i).reduce(sum) { labels[$1] == labels[i] ? $0 + values[i][$1] : $0 }
    }
  }

  /// The sum within groups from which on an arrangement counts as reaching the observed one.
  ///
  /// Equal sums in another order differ by rounding, far less than this leaves room for.
  var neededWithin: Double {
    let scale = values.indices.reduce(0) { sum, i in
      (0..<i).reduce(sum) { $0 + abs(values[i][$1]) }
    }
    return within(labels) - 1e-12 * scale
  }

  /// The items with each label in each block: [label][block].
  var makeUp: [[Int]] {
    (0...(labels.max() ?? 0)).map { label in
      blocks.map { block in block.count { labels[$0] == label } }
    }
  }

  /// Π over blocks n! / Π over labels n_l!, over the ways to rename groups of equal make-up; exact
  /// up to 10^12, infinite beyond the range of doubles.
  package var arrangementCount: Double {
    let makeUp = makeUp
    let ways = blocks.indices.reduce(0.0) { sum, block in
      sum + Self.logFactorial(blocks[block].count)
        - makeUp.reduce(0) { $0 + Self.logFactorial($1[block]) }
    }
    let renamings = Dictionary(grouping: makeUp) { $0 }.values.reduce(0.0) {
      $0 + Self.logFactorial($1.count)
    }
    let count = exp(ways - renamings)
    return count < 1e12 ? count.rounded() : count
  }

  private static func logFactorial(_ n: Int) -> Double {
    n < 2 ? 0 : (2...n).reduce(0) { $0 + log(Double($1)) }
  }
}
