/// How the pairs of a tile are counted on decoded rows.
struct TilePlan: Sendable {
  /// The masks to decode; row i of a tile holds mask `masks[i]`.
  let masks: [Int]
  /// The counts to make.
  let steps: [Step]

  /// Counts made together.
  struct Step: Sendable {
    let shape: Shape
    /// Which count is whose: the cell of the step's result, the place of the pair.
    let cells: [(cell: Int, place: Int)]
  }

  /// Which rows are counted against which.
  enum Shape: Sendable, Hashable {
    /// All rows of a tile among themselves: cell i * k + j, i < j.
    case triangle(rows: Int)
    /// Every left row against every right row: cell i * n + j.
    case rectangle(left: [Int], right: [Int])

    /// The cells of the result.
    var cellCount: Int {
      switch self {
      case .triangle(let rows): rows * rows
      case .rectangle(let left, let right): left.count * right.count
      }
    }
  }
}

extension TilePlan {
  /// Plans `pairs` of unequal masks, each with the place its count belongs to.
  ///
  /// Where every pair of the masks is wanted it is one triangle; else one rectangle for all masks
  /// that are wanted with the same others. Nothing is counted that is not wanted.
  init(_ pairs: [(MaskPair, place: Int)]) {
    masks = Set(pairs.flatMap { [$0.0.a, $0.0.b] }).sorted()
    let row = Dictionary(uniqueKeysWithValues: zip(masks, masks.indices))
    let local = pairs.map { pair, place in
      (pair: MaskPair(row[pair.a] ?? 0, row[pair.b] ?? 0).ordered, place: place)
    }
    let distinct = Set(local.map(\.pair))
    let isTriangle = distinct.count == masks.count * (masks.count - 1) / 2
    let shapes = isTriangle ? [.triangle(rows: masks.count)] : Self.rectangles(distinct)
    steps = Self.steps(shapes, local)
  }

  /// The fewest rectangles that the left masks' sets of right masks give.
  private static func rectangles(_ pairs: Set<MaskPair>) -> [Shape] {
    let rights = Dictionary(grouping: pairs, by: \.a).mapValues { $0.map(\.b).sorted() }
    let lefts = Dictionary(grouping: rights.keys) { rights[$0] ?? [] }
    return lefts.sorted { ($0.value.min() ?? 0) < ($1.value.min() ?? 0) }
      .map { .rectangle(left: $0.value.sorted(), right: $0.key) }
  }

  private static func steps(_ shapes: [Shape], _ pairs: [(pair: MaskPair, place: Int)]) -> [Step] {
    var places = Dictionary(grouping: pairs, by: \.pair).mapValues { $0.map(\.place) }
    return shapes.map { shape in
      let cells = shape.cells.flatMap { pair, cell in
        (places.removeValue(forKey: pair) ?? []).map { (cell: cell, place: $0) }
      }
      return Step(shape: shape, cells: cells)
    }
  }
}

extension TilePlan.Shape {
  /// Every pair of rows with its cell.
  fileprivate var cells: [(MaskPair, Int)] {
    switch self {
    case .triangle(let rows):
      MaskPair.all(of: rows).map { ($0, $0.a * rows + $0.b) }
    case .rectangle(let left, let right):
      left.indices.flatMap { i in
        right.indices.map { (MaskPair(left[i], right[$0]), i * right.count + $0) }
      }
    }
  }
}
