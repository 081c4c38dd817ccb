import TestSupport
import MaskQuery
import Testing

@Suite struct LinkageTests {
  /// A symmetric matrix of `count` rows with entries in 0..<1.
  private func matrix(_ count: Int, seed: UInt64) -> [[Double]] {
    var random = SeededGenerator(seed: seed)
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    for pair in MaskPair.all(of: count) {
      let distance = Double.random(in: 0..<1, using: &random)
      (matrix[pair.a][pair.b], matrix[pair.b][pair.a]) = (distance, distance)
    }
    return matrix
  }

  @Test func `clusters are joined at the mean distance of their leaves`() {
    let linkage = Linkage([[0, 1, 4, 5], [1, 0, 6, 7], [4, 6, 0, 2], [5, 7, 2, 0]])
    #expect(linkage.merges.map(\.left) == [0, 2, 4])
    #expect(linkage.merges.map(\.right) == [1, 3, 5])
    #expect(linkage.merges.map(\.height) == [1, 2, 5.5])
    #expect(linkage.merges.map(\.size) == [2, 2, 4])
  }

  @Test func `one leaf and none have no merges`() {
    #expect(Linkage([]).merges.isEmpty && LeafOrder(Linkage([]), distances: []).leaves.isEmpty)
    #expect(LeafOrder(Linkage([[0]]), distances: [[0]]).leaves == [0])
  }

  @Test func `heights never fall`() {
    for seed in 0..<20 {
      let heights = Linkage(matrix(30, seed: UInt64(seed))).merges.map(\.height)
      #expect(heights == heights.sorted())
    }
  }

  @Test(arguments: 0..<30)
  func `no order without crossings is shorter`(seed: Int) {
    let distances = matrix(2 + seed % 8, seed: UInt64(seed))
    let linkage = Linkage(distances)
    let order = LeafOrder(linkage, distances: distances).leaves
    let orders = ordersWithoutCrossings(linkage)
    #expect(orders.contains(order))
    let least = orders.map { length($0, distances) }.min() ?? 0
    #expect(abs(length(order, distances) - least) < 1e-12)
  }

  @Test func `where all orders are equally long the first masks come first`() {
    let distances = (0..<5).map { row in (0..<5).map { row == $0 ? 0.0 : 1.0 } }
    let order = LeafOrder(Linkage(distances), distances: distances).leaves
    #expect(order.first == 0 && Set(order).count == 5)
  }

  private func length(_ order: [Int], _ distances: [[Double]]) -> Double {
    zip(order, order.dropFirst()).reduce(0) { $0 + distances[$1.0][$1.1] }
  }

  /// Every order in which the tree can be drawn.
  private func ordersWithoutCrossings(_ linkage: Linkage) -> [[Int]] {
    var orders: [[[Int]]] = (0..<linkage.leafCount).map { [[$0]] }
    for merge in linkage.merges {
      let pairs = orders[merge.left].flatMap { left in orders[merge.right].map { (left, $0) } }
      orders.append(pairs.flatMap { [$0 + $1, $1 + $0] })
    }
    return orders.last ?? []
  }
}
