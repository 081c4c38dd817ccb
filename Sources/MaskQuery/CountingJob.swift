internal import MaskModel

/// Pairs that are counted in one pass over the tiles, on masks that fit into memory together.
struct CountingJob: Sendable {
  /// The pairs, as places in the list that was asked for.
  let places: [Int]
  /// The masks that the pairs name.
  let masks: [any MaskReader]
  /// What is counted in each tensor; nil where every pair is settled without bits.
  let plans: [TilePlan?]
  /// The tensor and segment of every tile.
  let tiles: [Tile]
  /// What is known without bits: for each pair, its intersection in every tensor, else 0.
  let settled: [[Int]]
}

/// One segment of one tensor.
struct Tile: Sendable {
  let tensor: Int
  let segment: Int
  /// The words of the segment.
  let words: Int
}

extension CountingJob {
  /// The tiles there are to count.
  var tileCount: Int { tiles.count }
  /// The most masks that a tile decodes.
  var rowCount: Int { plans.reduce(0) { max($0, $1?.masks.count ?? 0) } }

  /// Plans the pairs `wanted`, which stand at `places` of what was asked for.
  init(masks: [any MaskReader], wanted: [MaskPair], places: [Int]) {
    self.places = places
    self.masks = masks
    guard let layout = masks.first?.layout else {
      (plans, tiles, settled) = ([], [], wanted.map { _ in [] })
      return
    }
    var planner = TilePlanner(masks: masks, wanted: wanted, tensors: layout.tensors)
    plans = layout.tensors.indices.map { planner.plan(tensor: $0) }
    settled = planner.settled
    tiles = zip(layout.tensors.indices, plans).flatMap { tensor, plan in
      plan == nil ? [] : Tile.all(of: tensor, positions: layout.tensors[tensor].shape.count)
    }
  }

  /// Cuts `pairs` into jobs of at most two blocks of `blockSize` masks each.
  static func jobs(
    masks: [any MaskReader],
    pairs: [MaskPair],
    blockSize: Int
  ) -> [CountingJob] {
    let needed = Set(pairs.flatMap { [$0.a, $0.b] }).sorted()
    let size = needed.count <= 2 * blockSize ? max(needed.count, 1) : blockSize
    let block = Dictionary(uniqueKeysWithValues: zip(needed, needed.indices.map { $0 / size }))
    let groups = Dictionary(grouping: pairs.indices) { place in
      MaskPair(block[pairs[place].a] ?? 0, block[pairs[place].b] ?? 0).ordered
    }
    return groups.sorted { ($0.key.a, $0.key.b) < ($1.key.a, $1.key.b) }.map {
      CountingJob(masks: masks, wanted: $0.value.map { pairs[$0] }, places: $0.value)
    }
  }
}

extension Tile {
  /// The tiles of tensor `tensor` of `positions`.
  static func all(of tensor: Int, positions: Int) -> [Tile] {
    (0..<SegmentGrid.count(positions: positions)).map { segment in
      let length = SegmentGrid.range(segment, positions: positions).count
      return Tile(tensor: tensor, segment: segment, words: SegmentGrid.words(for: length))
    }
  }
}
