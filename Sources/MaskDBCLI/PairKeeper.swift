internal import MaskCatalog
internal import MaskQuery
internal import Synchronization

extension OverlapQuery {
  /// The overlap of every two of `masks`, or of `candidates`, with progress shown, and with new counts
  /// kept where the catalogs let them be.
  ///
  /// - Throws: `Interrupted` where a signal asks to end, after what is counted has been kept.
  func pairs(
    of masks: [AskedMask],
    among candidates: [MaskPair]? = nil,
    isQuiet: Bool
  ) async throws -> [PairOverlap] {
    let bar = ProgressBar("counting", of: .pairBits, isQuiet: isQuiet)
    let keeper = PairKeeper(isQuiet: isQuiet)
    let interruption = Interruption()
    defer {
      bar.clear()
      interruption.end()
    }
    do {
      return try await pairs(
        of: masks,
        among: candidates,
        progress: { bar.set(done: $0.done, of: $0.total) },
        shouldStop: { Interruption.noted != nil },
        keep: keeper.keep
      )
    } catch is CancellationError {
      throw Interrupted(signal: Interruption.noted ?? 0, outcome: keeper.outcome)
    }
  }
}

/// Keeps pair counts in catalogs that may not be writable.
private final class PairKeeper: Sendable {
  private struct State {
    var hasKept = false
    var hasFailed = false
  }

  private let isQuiet: Bool
  private let state = Mutex(State())

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Keeps `pairs`, or says once that they will be counted again.
  func keep(_ pairs: [PairCount], in catalog: Catalog) {
    do {
      try catalog.keep(pairs)
      state.withLock { $0.hasKept = true }
    } catch {
      let isFirst = state.withLock { state in
        defer { state.hasFailed = true }
        return !state.hasFailed
      }
      guard isFirst, !isQuiet else { return }
      StandardError.note("the counts are not kept and will be counted again: \(error)")
    }
  }

  /// What became of the counts of a query that was stopped.
  var outcome: String {
    let (hasKept, hasFailed) = state.withLock { ($0.hasKept, $0.hasFailed) }
    if hasFailed { return "the counts are not kept" }
    return hasKept
      ? "what was counted is kept, and the next count goes on from there"
      : "nothing was counted yet that a catalog keeps"
  }
}
