internal import MaskCatalog
internal import MaskModel

/// The count of many pairs that goes on from what catalogs keep of them.
///
/// Of every pair the leading tensors are counted up to some one. The next tensors are counted in
/// slices that take some seconds each, and what is counted so far is given away to be kept every few
/// seconds, and where the count is stopped: whoever dies loses no more than that.
struct ResumedCount {
  private let pairs: [MaskPair]
  private let readers: [any MaskReader]
  private let tensors: [TensorLayout]
  private let kept: KeptPairs
  private var pace = CountingPace()
  /// For each pair, its intersections in the tensors that are counted.
  private(set) var intersections: [[Int]]
  /// The pairs of which more is counted than was given away, and when that was.
  private var fresh: Set<Int> = []
  private var given = ContinuousClock.now

  /// The count of `pairs` of `masks`, which `readers` read.
  ///
  /// Reads what catalogs keep, and no segment.
  init(of pairs: [MaskPair], _ masks: [AskedMask], readers: [any MaskReader]) throws(CatalogError) {
    self.pairs = pairs
    self.readers = readers
    let kept = try KeptPairs(among: masks)
    self.kept = kept
    tensors = readers.first?.layout.tensors ?? []
    intersections = pairs.map { kept.intersections(of: $0) }
  }

  /// Counts what is not known.
  ///
  /// - Throws: `CancellationError` once `shouldStop` says so, after giving away what is counted;
  ///   whatever a mask that cannot be read, or `keep`, throws.
  mutating func run(
    on counter: PairCounter,
    progress: (@Sendable (CountingProgress) -> Void)?,
    shouldStop: @escaping @Sendable () -> Bool,
    keep: ([PairCount], Catalog) throws -> Void
  ) async throws {
    do {
      try await countAll(on: counter, progress, shouldStop, keep)
      if shouldStop() { throw CancellationError() }
    } catch {
      try give(to: keep)
      throw error
    }
    try give(to: keep)
  }

  private mutating func countAll(
    on counter: PairCounter,
    _ progress: (@Sendable (CountingProgress) -> Void)?,
    _ shouldStop: @escaping @Sendable () -> Bool,
    _ keep: ([PairCount], Catalog) throws -> Void
  ) async throws {
    let total = intersections.reduce(0) {
      $0 + bits(in: min($1.count, tensors.count)..<tensors.count)
    }
    var done = 0
    while let slice = nextSlice() {
      let open = intersections.indices.filter { intersections[$0].count == slice.lowerBound }
      let (before, work) = (done, bits(in: slice) * open.count)
      done += work
      let report = progress.map { progress in
        { @Sendable (tiles: CountingProgress) in
          let share = Double(tiles.done) / Double(max(tiles.total, 1))
          let now = before + Int(Double(work) * share)
          progress(CountingProgress(done: now, total: total))
        }
      }
      let start = ContinuousClock.now
      try await count(open, in: slice, on: counter, report, shouldStop, keep)
      pace.note(
        positions: tensors[slice].reduce(0) { $0 + CountingPace.cost($1) },
        masks: readers.count,
        pairs: open.count,
        took: start.duration(to: .now)
      )
    }
  }

  /// Gives away what is counted since the last time, to be kept.
  private mutating func give(to keep: ([PairCount], Catalog) throws -> Void) throws {
    let counted = fresh.sorted().map { (pairs[$0], intersections[$0]) }
    for (catalog, counts) in kept.sorted(counted) { try keep(counts, catalog) }
    fresh = []
    given = .now
  }

  /// Counts the pairs at `open` in the tensors `slice`.
  private mutating func count(
    _ open: [Int],
    in slice: Range<Int>,
    on counter: PairCounter,
    _ progress: (@Sendable (CountingProgress) -> Void)?,
    _ shouldStop: @escaping @Sendable () -> Bool,
    _ keep: ([PairCount], Catalog) throws -> Void
  ) async throws {
    let sliced = slice.count == tensors.count ? readers : readers.map { $0.slice(slice) }
    _ = try await counter.intersections(
      of: sliced,
      pairs: open.map { pairs[$0] },
      progress: progress,
      deliver: { block in
        for (place, counts) in zip(block.places, block.intersections) {
          intersections[open[place]] += counts
          fresh.insert(open[place])
        }
        if given.duration(to: .now) > .seconds(2) { try give(to: keep) }
      },
      shouldStop: shouldStop
    )
  }

  /// The tensors to count next, nil at the end: those after the pairs that are counted least, up to
  /// where others are, or as many as the pace allows.
  private func nextSlice() -> Range<Int>? {
    let counted = Set(intersections.map(\.count)).sorted()
    guard let start = counted.first, start < tensors.count else { return nil }
    let bound = counted.dropFirst().first.map { min($0, tensors.count) } ?? tensors.count
    let open = intersections.count { $0.count == start }
    let limit = pace.positions(masks: readers.count, pairs: open)
    var (end, positions) = (start, 0.0)
    repeat {
      positions += CountingPace.cost(tensors[end])
      end += 1
    } while end < bound && positions + CountingPace.cost(tensors[end]) <= limit
    return start..<end
  }

  private func bits(in slice: Range<Int>) -> Int {
    tensors[slice].reduce(0) { $0 + $1.shape.count }
  }
}

/// How much is counted in a few seconds, learnt as the count goes on.
///
/// The first slice takes some tenths of a second, or a few seconds on a slow machine, and each is at most
/// 64 times the one before: at the end of a slice the tasks wait for the slowest, and the next begin anew.
private struct CountingPace {
  /// The seconds that may be lost.
  private static let seconds = 4.0
  /// How much more than the last slice the next may take.
  private static let growth = 64.0
  /// What the next slice may take.
  private var limit = 4e9

  /// What it takes to decode a position of `masks` and to count `pairs` of them: a bit is counted
  /// about 15 times faster than decoded.
  private static func effort(masks: Int, pairs: Int) -> Double {
    Double(masks) + Double(pairs) / 15
  }

  /// The positions that take as long as `tensor`: reading a row of the catalog takes as long as
  /// decoding some 100,000.
  static func cost(_ tensor: TensorLayout) -> Double { Double(tensor.shape.count) + 1e5 }

  /// The positions that are to be counted until the next look.
  func positions(masks: Int, pairs: Int) -> Double {
    limit / Self.effort(masks: masks, pairs: pairs)
  }

  mutating func note(positions: Double, masks: Int, pairs: Int, took duration: Duration) {
    let (seconds, fraction) = duration.components
    let elapsed = max(Double(seconds) + Double(fraction) * 1e-18, 1e-3)
    let effort = positions * Self.effort(masks: masks, pairs: pairs)
    limit = min(effort / elapsed * Self.seconds, Self.growth * max(limit, effort))
  }
}
