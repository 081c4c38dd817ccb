internal import MaskModel
internal import Synchronization

extension CountingJob {
  /// Counts every tile on `threads` tasks.
  func run(
    threads: Int,
    meter: TileMeter,
    shouldStop: @escaping @Sendable () -> Bool
  ) async throws -> [[Int]] {
    let state = JobState(settled)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<min(threads, tiles.count) {
        group.addTask { try work(state, meter: meter, shouldStop: shouldStop) }
      }
      try await group.waitForAll()
    }
    return state.results.withLock { $0 }
  }

  /// Counts tiles until none is left.
  private func work(
    _ state: JobState,
    meter: TileMeter,
    shouldStop: () -> Bool
  ) throws {
    let rows = (0..<rowCount).map { _ in WordRow() }
    let references = ReferenceCache()
    while let tile = state.next(of: tiles) {
      if Task.isCancelled || shouldStop() { throw CancellationError() }
      guard let plan = plans[tile.tensor] else { continue }
      try decode(tile, plan, into: rows, sharing: references)
      let counts = plan.steps.map { TileCounts.count($0.shape, rows: rows, words: tile.words) }
      state.add(counts, of: plan, tensor: tile.tensor)
      meter.tick()
    }
  }

  private func decode(
    _ tile: Tile,
    _ plan: TilePlan,
    into rows: [WordRow],
    sharing references: ReferenceCache
  ) throws {
    for (row, mask) in zip(rows, plan.masks) {
      _ = try masks[mask].read(
        tensor: tile.tensor,
        segment: tile.segment,
        into: &row.words,
        sharing: references
      )
    }
  }
}

/// What the tasks of a job share.
private final class JobState: Sendable {
  private let taken = Atomic(0)
  let results: Mutex<[[Int]]>

  init(_ settled: [[Int]]) { results = Mutex(settled) }

  /// The next tile that no task has taken.
  func next(of tiles: [Tile]) -> Tile? {
    let index = taken.add(1, ordering: .relaxed).oldValue
    return index < tiles.count ? tiles[index] : nil
  }

  /// Adds the counts of one tile, one array a step of `plan`.
  func add(_ counts: [[UInt64]], of plan: TilePlan, tensor: Int) {
    results.withLock { results in
      for (step, counts) in zip(plan.steps, counts) {
        for (cell, place) in step.cells { results[place][tensor] += Int(counts[cell]) }
      }
    }
  }
}
