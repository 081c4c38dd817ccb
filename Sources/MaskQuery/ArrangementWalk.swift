/// Walks through every arrangement of a permutation test once.
struct ArrangementWalk {
  /// The arrangements met.
  private(set) var count = 0
  /// Those whose statistic is at least the observed one.
  private(set) var reached = 0

  private let values: [[Double]]
  private let needed: Double
  /// The items in the order of placing, each with its block.
  private let items: [(item: Int, block: Int)]
  /// For each label, the one of equal make-up that must be placed first, so that groups which could
  /// exchange names are met in one order only.
  private let predecessors: [Int?]
  /// How often each label is still to be placed: [label][block].
  private var left: [[Int]]
  /// The items placed with each label.
  private var members: [[Int]]

  init(_ test: PermutationTest) {
    values = test.values
    needed = test.neededWithin
    items = test.blocks.enumerated().flatMap { block, items in items.map { ($0, block) } }
    let makeUp = test.makeUp
    predecessors = makeUp.indices.map { label in
      makeUp[..<label].lastIndex { $0 == makeUp[label] }
    }
    left = makeUp
    members = makeUp.map { _ in [] }
  }

  /// Meets them all.
  mutating func run() { place(0, within: 0) }

  private mutating func place(_ depth: Int, within: Double) {
    guard depth < items.count else {
      count += 1
      reached += within >= needed ? 1 : 0
      return
    }
    let (item, block) = items[depth]
    for label in left.indices where left[label][block] > 0 && mayPlace(label) {
      let gain = members[label].reduce(0) { $0 + values[item][$1] }
      left[label][block] -= 1
      members[label].append(item)
      place(depth + 1, within: within + gain)
      members[label].removeLast()
      left[label][block] += 1
    }
  }

  /// Whether the label is in use, or the one before it of equal make-up is.
  private func mayPlace(_ label: Int) -> Bool {
    guard members[label].isEmpty, let predecessor = predecessors[label] else { return true }
    return !members[predecessor].isEmpty
  }
}
