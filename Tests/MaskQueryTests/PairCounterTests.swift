import MaskModel
import MaskQuery
import Synchronization
import Testing

private func layout(_ shapes: [[Int]]) -> ModelLayout {
  ModelLayout(
    shapes.enumerated().map { TensorLayout(name: "t\($0)", shape: shape($1)) }
  )
}

private let small = layout([[63], [64, 2], [], [0], [65, 65], [1]])

/// `count` masks of different densities, some empty or full in some tensors.
private func masks(_ count: Int, over layout: ModelLayout = small) -> [PlainMask] {
  (0..<count).map { index in
    let density = layout.tensors.indices.map { tensor in
      [0.25, 0.5, 0.5, 0, 2][(index * 3 + tensor * 2) % 5]
    }
    return PlainMask(layout, density: density, seed: UInt64(index + 1))
  }
}

private func model(_ masks: [PlainMask], _ pairs: [MaskPair]) -> [[Int]] {
  pairs.map { masks[$0.a].intersections(with: masks[$0.b]) }
}

@Suite struct PairCounterTests {
  @Test(arguments: [0, 1, 2, 3, 7, 16], [1, 2, 5])
  func `all pairs equal a plain count`(count: Int, threads: Int) async throws {
    let masks = masks(count)
    let pairs = MaskPair.all(of: count)
    let counted = try await PairCounter(threads: threads).intersections(of: masks, pairs: pairs)
    #expect(pairs.count == count * (count - 1) / 2)
    #expect(counted == model(masks, pairs))
  }

  @Test(arguments: [0, 1 << 20, 3 << 20, 4 << 20, 9 << 20], [1, 3])
  func `blocks of masks give the same counts`(limit: Int, threads: Int) async throws {
    let masks = masks(11)
    let pairs = MaskPair.all(of: 11)
    let counter = PairCounter(threads: threads, memoryLimit: limit)
    #expect(try await counter.intersections(of: masks, pairs: pairs) == model(masks, pairs))
  }

  @Test func `three segments and 17 positions`() async throws {
    let layout = layout([[3 * SegmentGrid.length + 17], [5, 5]])
    let masks = (1...3).map { PlainMask(layout, density: [0.25, 0.5], seed: $0) }
    let pairs = MaskPair.all(of: 3)
    let counted = try await PairCounter(threads: 2).intersections(of: masks, pairs: pairs)
    #expect(counted == model(masks, pairs))
    #expect(masks.allSatisfy { $0.reads.load(ordering: .relaxed) == 5 })
  }

  @Test func `any list of pairs is answered in its order`() async throws {
    let masks = masks(6)
    let pairs = [(3, 1), (0, 5), (1, 3), (2, 2), (4, 0), (0, 5)].map { MaskPair($0, $1) }
    let counted = try await PairCounter(threads: 2).intersections(of: masks, pairs: pairs)
    #expect(counted == model(masks, pairs))
  }

  @Test func `one new mask is counted against the old ones, each decoded once`() async throws {
    let layout = layout([[1000], [70, 3]])
    let masks = (0..<9).map { PlainMask(layout, density: [0.5, 0.25], seed: UInt64($0)) }
    let pairs = (0..<8).map { MaskPair($0, 8) }
    let counted = try await PairCounter(threads: 2).intersections(of: masks, pairs: pairs)
    #expect(counted == model(masks, pairs))
    #expect(masks.allSatisfy { $0.reads.load(ordering: .relaxed) == 2 })
  }

  @Test func `empty and full masks and a mask with itself are not read`() async throws {
    let layout = layout([[1000], [70, 3]])
    let masks = [-1, 2, 0.5].enumerated().map {
      PlainMask(layout, density: [$1, $1], seed: UInt64($0))
    }
    let pairs = [(0, 1), (0, 2), (1, 2), (2, 2)].map { MaskPair($0, $1) }
    let counted = try await PairCounter(threads: 2).intersections(of: masks, pairs: pairs)
    #expect(counted == model(masks, pairs))
    #expect(masks.allSatisfy { $0.reads.load(ordering: .relaxed) == 0 })
  }

  @Test func `progress reaches its total`() async throws {
    let reports = Mutex<[CountingProgress]>([])
    let masks = masks(5)
    _ = try await PairCounter(threads: 3, memoryLimit: 2 << 20)
      .intersections(of: masks, pairs: MaskPair.all(of: 5)) { report in
        reports.withLock { $0.append(report) }
      }
    let seen = reports.withLock { $0 }
    let total = try #require(seen.first?.total)
    #expect(seen.map(\.done).sorted() == Array(1...total))
  }

  @Test func `finished blocks are delivered before the rest`() async throws {
    let masks = masks(8)
    let pairs = MaskPair.all(of: 8)
    var delivered: [Int: [Int]] = [:]
    var blocks = 0
    let counted = try await PairCounter(threads: 1, memoryLimit: 4 << 19).intersections(
      of: masks,
      pairs: pairs,
      deliver: { block in
        blocks += 1
        for (place, counts) in zip(block.places, block.intersections) { delivered[place] = counts }
      }
    )
    #expect(blocks == 10)
    #expect(pairs.indices.map { delivered[$0] ?? [] } == counted)
  }

  @Test func `a stop keeps what was delivered`() async throws {
    let masks = masks(8)
    let pairs = MaskPair.all(of: 8)
    let done = Atomic(false)
    var delivered: [Int: [Int]] = [:]
    await #expect(throws: CancellationError.self) {
      _ = try await PairCounter(threads: 2, memoryLimit: 4 << 19).intersections(
        of: masks,
        pairs: pairs,
        deliver: { block in
          done.store(true, ordering: .relaxed)
          for (place, counts) in zip(block.places, block.intersections) {
            delivered[place] = counts
          }
        },
        shouldStop: { done.load(ordering: .relaxed) }
      )
    }
    #expect(!delivered.isEmpty && delivered.count < pairs.count)
    for (place, counts) in delivered { #expect(counts == model(masks, [pairs[place]])[0]) }
  }

  @Test func `a cancelled task stops`() async {
    let masks = masks(4)
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await PairCounter().intersections(of: masks, pairs: MaskPair.all(of: 4))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func `a mask that cannot be read fails the count`() async {
    let broken = PlainMask(small, density: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5], seed: 3, broken: 4)
    await #expect(throws: PlainMask.Unreadable.self) {
      try await PairCounter().intersections(
        of: masks(3) + [broken],
        pairs: MaskPair.all(of: 4)
      )
    }
  }
}
