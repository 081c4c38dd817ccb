internal import MaskCatalog
internal import MaskQuery

extension OverlapQuery {
  /// The overlap of every two of `masks`, or of `candidates`, with progress shown, and with new counts kept where the
  /// catalog lets them be.
  func pairs(
    of masks: [AskedMask],
    among candidates: [MaskPair]? = nil,
    isQuiet: Bool
  ) async throws -> [PairOverlap] {
    let bar = ProgressBar("counting", of: .tiles, isQuiet: isQuiet)
    let keeper = PairKeeper(isQuiet: isQuiet)
    let pairs = try await pairs(
      of: masks,
      among: candidates,
      progress: { bar.set(done: $0.done, of: $0.total) },
      keep: keeper.keep
    )
    bar.clear()
    return pairs
  }
}

/// Keeps pair counts in a catalog that may not be writable.
private struct PairKeeper {
  let isQuiet: Bool

  /// Keeps `pairs`, or says that they will be counted again.
  func keep(_ pairs: [PairCount], in catalog: Catalog) {
    do {
      try catalog.keep(pairs)
    } catch {
      guard !isQuiet else { return }
      StandardError.note("the counts are not kept and will be counted again: \(error)")
    }
  }
}
