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
  /// Pairs that a catalog keeps counts of read no segment; of the rest, each mask is read once. The
  /// tensors are counted in slices of some seconds, and what is counted of pairs is given to `keep`
  /// after each, so that little is lost where the count is stopped or dies.
  ///
  /// - Parameters:
  ///   - masks: masks over one layout.
  ///   - candidates: the pairs that are looked at; default every one.
  ///   - progress: told how many pairs of bits are counted, after every tile, from any thread.
  ///   - shouldStop: asked before every tile and every pair, from any thread.
  ///   - keep: given counts that are new, as they become known, and the catalog that has both masks;
  ///     pairs that are in no one catalog are not given.
  /// - Returns: the candidates in order; by default every pair of places i < j in `masks`.
  /// - Throws: `CatalogError`; `UnansweredQuestion` where the scope leaves nothing to compare;
  ///   `CancellationError` once `shouldStop` says so; whatever a mask that cannot be read, or `keep`,
  ///   throws.
  public func pairs(
    of masks: [AskedMask],
    among candidates: [MaskPair]? = nil,
    progress: (@Sendable (CountingProgress) -> Void)? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    keep: ([PairCount], Catalog) throws -> Void
  ) async throws -> [PairOverlap] {
    let tensors = try tensors(of: masks)
    let pairs = candidates ?? MaskPair.all(of: masks.count)
    var (readers, count) = try masks.inOneRead {
      let readers = try masks.map { try $0.reader() }
      return (readers, try ResumedCount(of: pairs, masks, readers: readers))
    }
    try await count.run(on: counter, progress: progress, shouldStop: shouldStop, keep: keep)
    let intersections = count.intersections
    let counts = try masks.inOneRead {
      try masks.map { try $0.counts(margins: nulls.contains(where: \.needsMargins)) }
    }
    try check(intersections, of: pairs, masks, counts)
    let domains = try SharedDomains(
      of: pairs,
      masks,
      readers: readers,
      counts: counts,
      environment: nulls.contains(.magnitude) ? environment : nil
    )
    return try await overlaps(of: pairs, intersections, masks, domains, tensors, shouldStop)
  }
}

extension OverlapQuery {
  /// What is said of every pair, on as many tasks as count.
  private func overlaps(
    of pairs: [MaskPair],
    _ intersections: [[Int]],
    _ masks: [AskedMask],
    _ domains: SharedDomains,
    _ tensors: ScopedTensors,
    _ shouldStop: @escaping @Sendable () -> Bool
  ) async throws -> [PairOverlap] {
    let groups = tensors.groupsAmongKept
    let size = max(1, min(256, pairs.count / counter.threads + 1))
    let starts = Array(stride(from: 0, to: pairs.count, by: size))
    return try await inOrder(starts, atOnce: counter.threads) { start in
      try (start..<min(start + size, pairs.count)).map { place in
        if shouldStop() { throw CancellationError() }
        let counts = domains.counts(of: pairs[place], intersections: intersections[place])
        return PairOverlap(
          a: masks[pairs[place].a].id,
          b: masks[pairs[place].b].id,
          counts: tensors.restricting(counts),
          nulls: nulls,
          groups: groups
        )
      }
    }.flatMap(\.self)
  }

  /// `body` of every one of `inputs`, in their order, on at most `limit` tasks at once.
  private func inOrder<Input: Sendable, Output: Sendable>(
    _ inputs: [Input],
    atOnce limit: Int,
    _ body: @escaping @Sendable (Input) throws -> Output
  ) async throws -> [Output] {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
      var outputs = [Output?](repeating: nil, count: inputs.count)
      for (place, input) in inputs.enumerated() {
        if place >= limit, let (done, output) = try await group.next() { outputs[done] = output }
        group.addTask { (place, try body(input)) }
      }
      for try await (done, output) in group { outputs[done] = output }
      return outputs.compactMap(\.self)
    }
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

  /// The error about the counts of `a` and `b`, in the words of a catalog that has one of them, if any.
  static func error(_ a: AskedMask, _ b: AskedMask) -> any Error {
    let sentence = "the counts of \(a.id) and \(b.id) are wrong"
    guard let place = a.places.first ?? b.places.first else {
      return ContradictoryCounts(description: sentence)
    }
    return CatalogError(.damaged(sentence), at: place.catalog.path)
  }
}
