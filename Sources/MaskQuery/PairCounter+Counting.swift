public import MaskModel

extension PairCounter {
  /// The intersection of every pair of `pairs` in every tensor of the layout.
  ///
  /// One new mask against K old ones costs K pairs: nothing is counted but what `pairs` names.
  ///
  /// - Parameters:
  ///   - masks: masks over one layout.
  ///   - pairs: the pairs to count, as places in `masks`.
  ///   - progress: is told after every tile, from any thread, in no certain order.
  ///   - deliver: is given pairs as they are finished, block by block, from the calling task; what
  ///     it has been given stays good when a later block fails or is stopped.
  ///   - shouldStop: is asked before every tile, from any thread.
  /// - Returns: for each pair, in the order given, one intersection a tensor.
  /// - Throws: `CancellationError` once `shouldStop` says so or the task is cancelled; whatever a
  ///   mask throws that cannot be read.
  public func intersections(
    of masks: [any MaskReader],
    pairs: [MaskPair],
    progress: (@Sendable (CountingProgress) -> Void)? = nil,
    deliver: (CountedPairs) throws -> Void = { _ in },
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) async throws -> [[Int]] {
    let capacity = CountingCapacity(counter: self)
    let jobs = CountingJob.jobs(masks: masks, pairs: pairs, blockSize: capacity.blockSize)
    let meter = TileMeter(total: jobs.reduce(0) { $0 + $1.tileCount }, report: progress)
    var results = [[Int]](repeating: [], count: pairs.count)
    for job in jobs {
      let threads = capacity.threads(rows: job.rowCount)
      let counted = try await job.run(threads: threads, meter: meter, shouldStop: shouldStop)
      for (place, intersections) in zip(job.places, counted) { results[place] = intersections }
      try deliver(CountedPairs(places: job.places, intersections: counted))
    }
    return results
  }
}

/// How many masks can be decoded at once, on how many threads.
struct CountingCapacity {
  private let threads: Int
  private let rows: Int

  init(counter: PairCounter) {
    threads = max(counter.threads, 1)
    rows = max(counter.memoryLimit / (SegmentGrid.words * 8), 2)
  }

  /// The masks of one block, of which a job holds two: as many as leave every thread its rows, but
  /// rather fewer threads than small blocks, which would decode every mask again and again.
  var blockSize: Int { max(rows / threads, min(rows, Self.worthwhile)) / 2 }

  /// The threads that can hold `rows` rows each.
  func threads(rows needed: Int) -> Int { min(threads, max(rows / max(needed, 1), 1)) }

  /// From 64 rows on, counting a tile takes longer than decoding it again.
  private static let worthwhile = 64
}
