/// A hierarchical clustering by average linkage (UPGMA).
///
/// Merges that are equally high are taken in the order in which the nearest-neighbour chain meets
/// them; the chain starts at the first leaf left and prefers the neighbour it came from, then the
/// first one. Equal to `linkage(..., 'average')` of scipy, ties included.
public struct Linkage: Sendable, Hashable {
  /// One merge of two clusters.
  public struct Merge: Sendable, Hashable {
    /// The cluster with the smaller number: a leaf, or `leafCount` plus the index of a merge.
    public let left: Int
    /// The other cluster.
    public let right: Int
    /// The mean distance between a leaf of the one and a leaf of the other.
    public let height: Double
    /// The leaves of both.
    public let size: Int
  }

  /// The leaves.
  public let leafCount: Int
  /// The merges, the lowest first.
  public let merges: [Merge]

  /// The clustering of the rows of the symmetric matrix `distances`, which must be finite.
  ///
  /// Costs the square of the number of rows.
  public init(_ distances: [[Double]]) {
    leafCount = distances.count
    var chain = NeighbourChain(distances)
    var found: [(x: Int, y: Int, height: Double)] = []
    while found.count + 1 < distances.count { found.append(chain.merge()) }
    let order = found.indices.sorted { (found[$0].height, $0) < (found[$1].height, $1) }
    var forest = Forest(leafCount: leafCount)
    merges = order.map { forest.join(found[$0].x, found[$0].y, height: found[$0].height) }
  }
}

/// The nearest-neighbour chain: it ends in two clusters that are each other's nearest.
private struct NeighbourChain {
  private var distances: [[Double]]
  private var sizes: [Int]
  private var chain: [Int] = []

  init(_ distances: [[Double]]) {
    self.distances = distances
    sizes = distances.map { _ in 1 }
  }

  /// Merges the next two clusters; the later of their first places stands for both from now on.
  mutating func merge() -> (x: Int, y: Int, height: Double) {
    if chain.isEmpty { chain = [sizes.firstIndex { $0 > 0 } ?? 0] }
    while true {
      let (near, distance) = nearest()
      if chain.count > 1, near == chain[chain.count - 2] { return mergeLast(at: distance) }
      chain.append(near)
    }
  }

  /// The cluster that is nearest to the end of the chain.
  private func nearest() -> (cluster: Int, distance: Double) {
    let end = chain[chain.count - 1]
    var best = chain.count > 1 ? chain[chain.count - 2] : end
    var least = chain.count > 1 ? distances[end][best] : .infinity
    for other in sizes.indices where sizes[other] > 0 && other != end {
      if distances[end][other] < least { (best, least) = (other, distances[end][other]) }
    }
    return (best, least)
  }

  private mutating func mergeLast(at height: Double) -> (x: Int, y: Int, height: Double) {
    let last = chain.removeLast()
    let other = chain.removeLast()
    let (x, y) = (min(last, other), max(last, other))
    let (sizeX, sizeY) = (Double(sizes[x]), Double(sizes[y]))
    (sizes[x], sizes[y]) = (0, sizes[x] + sizes[y])
    for third in sizes.indices where sizes[third] > 0 && third != y {
      let mean =
        (sizeX * distances[third][x] + sizeY * distances[third][y]) / (sizeX + sizeY)
      (distances[third][y], distances[y][third]) = (mean, mean)
    }
    return (x, y, height)
  }
}

/// Which cluster a leaf is in.
private struct Forest {
  private var clusters: [Int]
  private var sizes: [Int]

  init(leafCount: Int) {
    clusters = Array(0..<leafCount)
    sizes = clusters.map { _ in 1 }
  }

  /// Joins the clusters of leaves `x` and `y`.
  mutating func join(_ x: Int, _ y: Int, height: Double) -> Linkage.Merge {
    let (one, other) = (clusters[x], clusters[y])
    let size = sizes[one] + sizes[other]
    for leaf in clusters.indices where [one, other].contains(clusters[leaf]) {
      clusters[leaf] = sizes.count
    }
    sizes.append(size)
    return Linkage.Merge(
      left: min(one, other),
      right: max(one, other),
      height: height,
      size: size
    )
  }
}
