internal import MaskQuery

/// The masks of a matrix, clustered by average linkage on top - value and put into optimal leaf
/// order.
///
/// The top is 1 where values cannot exceed 1, else the largest value of any pair; which one changes
/// the heights of merges, not the tree. Of a value that is not symmetric the mean of both directions
/// counts.
struct MaskClustering {
  /// The tree.
  let linkage: Linkage
  /// The masks in order.
  let order: [Int]
  /// What a distance is, in words such as `1 - jaccard`.
  let distance: String

  /// The clustering of `matrix`; nil where a pair has no value.
  init?(_ matrix: PairMatrix) {
    guard let values = Self.symmetric(matrix.values) else { return nil }
    let top = matrix.value.ceiling ?? values.flatMap(\.self).max() ?? 0
    let distances = values.map { row in row.map { top - $0 } }
    linkage = Linkage(distances)
    order = LeafOrder(linkage, distances: distances).leaves
    let mean = matrix.value == .metric(.coverage) ? ", the mean of both directions" : ""
    distance = (matrix.value.ceiling == nil ? "largest" : "1") + " - \(matrix.value)\(mean)"
  }

  /// The means of both directions, with the diagonal as large as the largest of them.
  private static func symmetric(_ values: [[Double?]]) -> [[Double]]? {
    var means = values.map { $0.map { _ in 0.0 } }
    for pair in MaskPair.all(of: values.count) {
      guard let one = values[pair.a][pair.b], let other = values[pair.b][pair.a] else { return nil }
      let mean = one == other ? one : (one + other) / 2
      (means[pair.a][pair.b], means[pair.b][pair.a]) = (mean, mean)
    }
    let pairs = MaskPair.all(of: values.count).map { means[$0.a][$0.b] }
    for place in means.indices { means[place][place] = pairs.max() ?? 0 }
    return means
  }
}
