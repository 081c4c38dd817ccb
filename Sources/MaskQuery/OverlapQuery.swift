public import MaskCatalog
internal import MaskModel

/// How any two of several masks overlap, wherever the masks come from.
public struct OverlapQuery: Sendable {
  let counter: PairCounter
  let nulls: [Null]
  let environment: [String: String]
  /// The tensors that it is about.
  public let scope: TensorScope

  /// A query under `nulls`, about the tensors of `scope`.
  ///
  /// Where two masks compared different rows of a vocabulary, the magnitude null needs the base's
  /// values of the rows that only one has. They are read if the base is still where it was, for
  /// which `environment` says where the Hugging Face cache is.
  public init(
    counter: PairCounter,
    nulls: [Null],
    environment: [String: String],
    scope: TensorScope = .whole
  ) {
    self.counter = counter
    self.nulls = nulls
    self.environment = environment
    self.scope = scope
  }

  /// The tensors that the answer about `masks`, which have one layout, is over.
  ///
  /// - Throws: `CatalogError`; `UnansweredQuestion` where the scope leaves nothing to compare.
  public func tensors(of masks: [AskedMask]) throws -> ScopedTensors {
    try scope.resolved(in: masks.first?.base.layout().tensors ?? [])
  }

  /// The overlap of every two of `masks`, which must be compatible and have ids of their own.
  ///
  /// Pairs that a catalog keeps counts of read no segment; of the rest, each mask is read once.
  ///
  /// - Parameters:
  ///   - masks: masks over one layout.
  ///   - candidates: the pairs that are looked at; default every one.
  ///   - progress: told after every tile that is counted, from any thread.
  ///   - keep: given counts that are new, as they become known, and the catalog that has both masks;
  ///     pairs that are in no one catalog are not given.
  /// - Returns: the candidates in order; by default every pair of places i < j in `masks`.
  /// - Throws: `CatalogError`; `UnansweredQuestion` where the scope leaves nothing to compare;
  ///   whatever a mask that cannot be read, or `keep`, throws.
  public func pairs(
    of masks: [AskedMask],
    among candidates: [MaskPair]? = nil,
    progress: (@Sendable (CountingProgress) -> Void)? = nil,
    keep: ([PairCount], Catalog) throws -> Void
  ) async throws -> [PairOverlap] {
    let tensors = try tensors(of: masks)
    let readers = try masks.map { try $0.reader() }
    let pairs = candidates ?? MaskPair.all(of: masks.count)
    let intersections = try await intersections(of: pairs, masks, readers, progress, keep)
    let counts = try masks.map { try $0.counts() }
    try check(intersections, of: pairs, masks, counts)
    let domains = try SharedDomains(
      of: pairs,
      masks,
      readers: readers,
      counts: counts,
      environment: nulls.contains(.magnitude) ? environment : nil
    )
    let groups = tensors.groupsAmongKept
    return zip(pairs, intersections).map { pair, intersections in
      let (a, b) = domains.counts(of: pair)
      return PairOverlap(
        a: masks[pair.a].id,
        b: masks[pair.b].id,
        counts: tensors.restricting(PairCounts(a: a, b: b, intersections: intersections)),
        nulls: nulls,
        groups: groups
      )
    }
  }
}

extension OverlapQuery {
  /// The intersections of `pairs`: those that are kept, and the rest counted.
  private func intersections(
    of pairs: [MaskPair],
    _ masks: [AskedMask],
    _ readers: [any MaskReader],
    _ progress: (@Sendable (CountingProgress) -> Void)?,
    _ keep: ([PairCount], Catalog) throws -> Void
  ) async throws -> [[Int]] {
    let kept = try KeptPairs(among: masks)
    let missing = pairs.filter { kept.intersections(of: $0) == nil }
    let counted = try await counter.intersections(
      of: readers,
      pairs: missing,
      progress: progress,
      deliver: { block in
        let fresh = zip(block.places.map { missing[$0] }, block.intersections)
        for (catalog, counts) in kept.sorted(fresh) { try keep(counts, catalog) }
      }
    )
    var fresh = counted.makeIterator()
    return pairs.map { kept.intersections(of: $0) ?? fresh.next() ?? [] }
  }

  /// Refuses intersections that cannot be those of the masks.
  private func check(
    _ intersections: [[Int]],
    of pairs: [MaskPair],
    _ masks: [AskedMask],
    _ counts: [[TensorCounts]]
  ) throws {
    for (pair, intersections) in zip(pairs, intersections) {
      let (a, b) = (counts[pair.a], counts[pair.b])
      let fits =
        intersections.count == a.count
        && intersections.indices.allSatisfy { tensor in
          let limit = min(a[tensor].marginals.count, b[tensor].marginals.count)
          return (0...limit).contains(intersections[tensor])
        }
      guard fits else { throw ContradictoryCounts.error(masks[pair.a], masks[pair.b]) }
    }
  }
}

/// Counts of a pair that cannot be: a damaged catalog, or a mask's source that counts wrongly.
struct ContradictoryCounts: Error, CustomStringConvertible {
  let description: String

  /// The error about the counts of `a` and `b`, in the words of the catalog that has both, if any.
  static func error(_ a: AskedMask, _ b: AskedMask) -> any Error {
    let sentence = "the counts of \(a.id) and \(b.id) are wrong"
    guard let place = a.places.first ?? b.places.first else {
      return ContradictoryCounts(description: sentence)
    }
    return CatalogError(.damaged(sentence), at: place.catalog.path)
  }
}
