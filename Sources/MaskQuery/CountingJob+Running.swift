internal import MaskCatalog
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
    let work = TileWork(self)
    func step(_ read: TileWork.ReadSegment) throws -> Bool {
      if work.isBetweenTiles {
        if Task.isCancelled || shouldStop() { throw CancellationError() }
        guard let tile = state.next(of: tiles) else { return false }
        work.begin(tile)
      }
      guard let (tile, counts) = try work.advance(read) else { return true }
      state.add(counts, of: tile, in: self)
      meter.tick()
      return true
    }
    guard let stored = masks as? [StoredMask] else {
      let context = ReadContext()
      while try step({
        try masks[$0].read(tensor: $1.tensor, segment: $1.segment, into: &$2, using: context)
      }) {}
      return
    }
    try SegmentAccess(to: stored).run { reads in
      try step { try reads.read(mask: $0, tensor: $1.tensor, segment: $1.segment, into: &$2) }
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

  /// Adds the counts of `tile`, one array a step of its plan.
  func add(_ counts: [[UInt64]], of tile: Tile, in job: CountingJob) {
    guard let plan = job.plans[tile.tensor] else { return }
    results.withLock { results in
      for (step, counts) in zip(plan.steps, counts) {
        for (cell, place) in step.cells { results[place][tile.tensor] += Int(counts[cell]) }
      }
    }
  }
}
