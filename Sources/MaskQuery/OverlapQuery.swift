public import MaskCatalog
internal import MaskModel

/// How any two of several masks of a catalog overlap.
public struct OverlapQuery: Sendable {
  /// The catalog that is asked.
  public let catalog: Catalog
  let counter: PairCounter
  let nulls: [Null]
  let environment: [String: String]
  /// The tensors that it is about.
  public let scope: TensorScope

  /// A query of `catalog` under `nulls`, about the tensors of `scope`.
  ///
  /// Where two masks compared different rows of a vocabulary, the magnitude null needs the base's
  /// values of the rows that only one has. They are read if the base is still where it was, for
  /// which `environment` says where the Hugging Face cache is.
  public init(
    _ catalog: Catalog,
    counter: PairCounter,
    nulls: [Null],
    environment: [String: String],
    scope: TensorScope = .whole
  ) {
    self.catalog = catalog
    self.counter = counter
    self.nulls = nulls
    self.environment = environment
    self.scope = scope
  }

  /// The tensors that the answer about `masks`, which have one layout, is over.
  ///
  /// - Throws: `CatalogError`; `UnansweredQuestion` where the scope leaves nothing to compare.
  public func tensors(of masks: [MaskRecord]) throws -> ScopedTensors {
    guard let layout = masks.first?.run.base.layoutID else { return try scope.resolved(in: []) }
    return try scope.resolved(in: catalog.layout(layout).tensors)
  }

  /// The overlap of every two of `masks`, which must be compatible.
  ///
  /// Pairs that the catalog keeps counts of read no segment; of the rest, each mask is read once.
  ///
  /// - Parameters:
  ///   - masks: masks over one layout.
  ///   - candidates: the pairs that are looked at; default every one.
  ///   - progress: told after every tile that is counted, from any thread.
  ///   - keep: given counts that are new, as they become known.
  /// - Returns: the candidates in order; by default every pair of places i < j in `masks`.
  /// - Throws: `CatalogError`; `UnansweredQuestion` where the scope leaves nothing to compare;
  ///   whatever `keep` throws.
  public func pairs(
    of masks: [MaskRecord],
    among candidates: [MaskPair]? = nil,
    progress: (@Sendable (CountingProgress) -> Void)? = nil,
    keep: ([PairCount]) throws -> Void
  ) async throws -> [PairOverlap] {
    let tensors = try tensors(of: masks)
    let readers = try masks.map { mask throws(CatalogError) in try catalog.reader(of: mask) }
    let pairs = candidates ?? MaskPair.all(of: masks.count)
    let intersections = try await intersections(of: pairs, masks, readers, progress, keep)
    let counts = try masks.map { try checkedCounts(of: $0) }
    try check(intersections, of: pairs, masks, counts)
    let groups = tensors.groupsAmongKept
    return try zip(pairs, intersections).map { pair, intersections in
      let (a, b) = try restricted(pair, counts, readers, masks)
      return PairOverlap(
        a: masks[pair.a].name,
        b: masks[pair.b].name,
        counts: tensors.restricting(PairCounts(a: a, b: b, intersections: intersections)),
        nulls: nulls,
        groups: groups
      )
    }
  }

  /// The counts of `mask`, refused where they contradict each other: statistics trust them.
  private func checkedCounts(of mask: MaskRecord) throws -> [TensorCounts] {
    let counts = try catalog.counts(of: mask)
    if let contradiction = counts.lazy.compactMap(\.contradiction).first {
      throw CatalogError(.damaged("\(mask.name): \(contradiction)"), at: catalog.path)
    }
    let changed = counts.reduce(0) { $0 + $1.marginals.count }
    guard changed == mask.count, counts.reduce(0, { $0 + $1.compared }) == mask.compared else {
      throw CatalogError(
        .damaged("\(mask.name): its tensors count another number"),
        at: catalog.path
      )
    }
    return counts
  }

  /// Refuses kept intersections that cannot be those of the masks.
  private func check(
    _ intersections: [[Int]],
    of pairs: [MaskPair],
    _ masks: [MaskRecord],
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
      guard fits else {
        let names = "\(masks[pair.a].name) and \(masks[pair.b].name)"
        throw CatalogError(.damaged("the kept counts of \(names) are wrong"), at: catalog.path)
      }
    }
  }

  private func oneBase(_ pair: MaskPair, _ masks: [MaskRecord]) -> Bool {
    masks[pair.a].run.base.id == masks[pair.b].run.base.id
      && masks[pair.a].definition.compareType != nil
      && masks[pair.a].definition.compareType == masks[pair.b].definition.compareType
  }

  /// The intersections of `pairs`: those that are kept, and the rest counted.
  private func intersections(
    of pairs: [MaskPair],
    _ masks: [MaskRecord],
    _ readers: [StoredMask],
    _ progress: (@Sendable (CountingProgress) -> Void)?,
    _ keep: ([PairCount]) throws -> Void
  ) async throws -> [[Int]] {
    let known = Dictionary(
      try catalog.pairCounts(among: masks).map { ($0.masks, $0.intersections) },
      uniquingKeysWith: { first, _ in first }
    )
    func key(_ pair: MaskPair) -> [Int64] { [masks[pair.a].id, masks[pair.b].id].sorted() }
    let missing = pairs.filter { known[key($0)] == nil }
    let counted = try await counter.intersections(
      of: readers,
      pairs: missing,
      progress: progress,
      deliver: { block in
        try keep(
          zip(block.places, block.intersections).map { place, intersections in
            let pair = missing[place]
            return PairCount(
              masks[pair.a].id,
              masks[pair.b].id,
              intersections: intersections
            )
          }
        )
      }
    )
    var fresh = counted.makeIterator()
    return pairs.map { known[key($0)] ?? fresh.next() ?? [] }
  }

  /// The counts of a pair over the positions that both compared; without binades where the masks'
  /// bases or compare dtypes differ, for then there is no one binade of a position.
  private func restricted(
    _ pair: MaskPair,
    _ counts: [[TensorCounts]],
    _ readers: [StoredMask],
    _ masks: [MaskRecord]
  ) throws -> ([TensorCounts], [TensorCounts]) {
    let isOneBase = oneBase(pair, masks)
    let isOneDomain = zip(counts[pair.a], counts[pair.b]).allSatisfy { $0.compared == $1.compared }
    let base = try isOneDomain || !isOneBase ? nil : baseValues(masks[pair.a])
    func restrict(_ mask: Int, _ other: Int) throws -> [TensorCounts] {
      let restriction = DomainRestriction(
        mask: readers[mask],
        compareType: masks[mask].definition.compareType ?? .bf16,
        base: base
      )
      return try counts[mask].indices.map { tensor in
        let own = isOneBase ? counts[mask][tensor] : counts[mask][tensor].withoutBinades
        let shorter = counts[other][tensor]
        return try restriction.restrict(
          own,
          tensor: tensor,
          to: shorter.compared,
          totals: isOneBase ? shorter.exponentTotals : nil
        )
      }
    }
    return (try restrict(pair.a, pair.b), try restrict(pair.b, pair.a))
  }

  private func baseValues(_ mask: MaskRecord) throws -> BaseValues? {
    guard nulls.contains(.magnitude) else { return nil }
    return try BaseValues(mask.run.base, in: catalog, environment: environment)
  }
}

extension TensorCounts {
  fileprivate var withoutBinades: TensorCounts {
    TensorCounts(
      tensor: tensor,
      compared: compared,
      marginals: TensorMarginals(
        count: marginals.count,
        rows: marginals.rows,
        columns: marginals.columns,
        exponents: nil
      ),
      exponentTotals: nil
    )
  }
}
