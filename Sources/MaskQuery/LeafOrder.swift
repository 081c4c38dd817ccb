/// The order of a clustering's leaves in which neighbours are as near as the tree allows.
///
/// Of the 2^(n-1) orders that draw the tree without crossings, the one with the least sum of the
/// distances between neighbours (Bar-Joseph, Gifford and Jaakkola 2001). Where several have it,
/// leaves that come first in the list decide; the end that comes first stands first.
public struct LeafOrder: Sendable, Hashable {
  /// The leaves in order.
  public let leaves: [Int]

  /// The order of the leaves of `linkage` by `distances`, the matrix that it was made of.
  ///
  /// Costs the cube of the number of leaves and the square in memory.
  public init(_ linkage: Linkage, distances: [[Double]]) {
    var costs = EndCosts(linkage, distances)
    let root = linkage.leafCount + linkage.merges.count - 1
    guard linkage.leafCount > 1 else {
      leaves = Array(0..<linkage.leafCount)
      return
    }
    for node in linkage.leafCount...root { costs.settle(node) }
    let (u, w) = costs.bestEnds(root)
    leaves = costs.order(root, from: min(u, w), to: max(u, w))
  }
}

/// The least cost of every subtree by the leaves at its two ends.
private struct EndCosts {
  private let distances: [[Double]]
  private let children: [(left: Int, right: Int)?]
  private var members: [[Int]]
  /// The least cost of the smallest subtree with both leaves, if they are its ends.
  private var costs: [[Double]]

  init(_ linkage: Linkage, _ distances: [[Double]]) {
    self.distances = distances
    children =
      (0..<linkage.leafCount).map { _ in nil } + linkage.merges.map { ($0.left, $0.right) }
    members = (0..<linkage.leafCount).map { [$0] }
    costs = distances.map { $0.map { _ in 0 } }
    for merge in linkage.merges {
      members.append((members[merge.left] + members[merge.right]).sorted())
    }
  }

  /// The leaves that can stand at the other end of `node` when `leaf` stands at one.
  private func opposite(_ leaf: Int, in node: Int) -> [Int] {
    guard let (left, right) = children[node] else { return [leaf] }
    return members[left].contains(leaf) ? members[right] : members[left]
  }

  /// Finds the costs of `node`, whose children are settled.
  mutating func settle(_ node: Int) {
    guard let (left, right) = children[node] else { return }
    let far = Dictionary(uniqueKeysWithValues: members[right].map { ($0, opposite($0, in: right)) })
    for u in members[left] {
      let near = opposite(u, in: left)
      var joined = [Double](repeating: .infinity, count: distances.count)
      for k in members[right] { joined[k] = inner(u, near, to: k).cost }
      for w in members[right] {
        let cost = (far[w] ?? []).reduce(Double.infinity) { least, k in
          min(least, joined[k] + costs[k][w])
        }
        (costs[u][w], costs[w][u]) = (cost, cost)
      }
    }
  }

  /// The least cost from end `u` over some inner end in `near` to the neighbour `k`.
  private func inner(_ u: Int, _ near: [Int], to k: Int) -> (cost: Double, leaf: Int) {
    var best = (cost: Double.infinity, leaf: u)
    for m in near where costs[u][m] + distances[m][k] < best.cost {
      best = (costs[u][m] + distances[m][k], m)
    }
    return best
  }

  /// The ends of `node` that cost least.
  func bestEnds(_ node: Int) -> (Int, Int) {
    guard let (left, right) = children[node] else { return (node, node) }
    let pairs = members[left].flatMap { u in members[right].map { (min(u, $0), max(u, $0)) } }
    let best = pairs.min { (costs[$0.0][$0.1], $0.0, $0.1) < (costs[$1.0][$1.1], $1.0, $1.1) }
    return best ?? (node, node)
  }

  /// The leaves of `node` in the cheapest order between the ends `u` and `w`.
  func order(_ node: Int, from u: Int, to w: Int) -> [Int] {
    guard let (left, right) = children[node] else { return [u] }
    let isForward = members[left].contains(u)
    let (first, second) = isForward ? (left, right) : (right, left)
    let near = opposite(u, in: first)
    var best = (cost: Double.infinity, m: u, k: w)
    for k in opposite(w, in: second) {
      let (cost, m) = inner(u, near, to: k)
      if cost + costs[k][w] < best.cost { best = (cost + costs[k][w], m, k) }
    }
    return order(first, from: u, to: best.m) + order(second, from: best.k, to: w)
  }
}
