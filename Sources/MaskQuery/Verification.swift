internal import ByteFormats
public import MaskCatalog
internal import MaskModel

/// Holds what a catalog keeps against itself: constraints, checksums, and counts against bits.
public struct Verification: Sendable {
  let catalog: Catalog
  let counter: PairCounter

  /// A verification of `catalog` that counts on the threads of `counter`.
  public init(_ catalog: Catalog, counter: PairCounter) {
    self.catalog = catalog
    self.counter = counter
  }

  /// The problems that are found, each a sentence; none where all is well.
  ///
  /// Reads every page and every segment, recounts rows and columns from the bits, and recounts the
  /// pairs that are kept. Counts by binade are recounted where the base's binades are kept, else checked
  /// for their sums. Names, fields, shapes, dtypes and definitions are held against the digests that
  /// runs and masks keep of them.
  ///
  /// - Parameter progress: told the mask that is read.
  /// - Returns: the problems.
  /// - Throws: `CatalogError` where the catalog cannot be read at all.
  public func problems(progress: (String) -> Void) async throws -> [String] {
    var problems = try catalog.storageProblems()
    guard problems.isEmpty else { return problems }
    problems += try catalog.layoutProblems()
    problems += try catalog.sealProblems()
    problems += try catalog.emptyRuns().map { "\($0) has no mask" }
    var masks = try catalog.masks()
    for base in Set(masks.map(\.run.base)) { problems += try catalog.binadeProblems(of: base) }
    for mask in masks {
      progress(mask.name)
      let found = try self.problems(of: mask)
      // Another process may have removed it meanwhile.
      if !found.isEmpty, try catalog.has(mask) { problems += found }
    }
    guard problems.isEmpty else { return problems }
    while true {
      do {
        return try await pairProblems(masks)
      } catch let error as CatalogError where error.code == .maskGone {
        masks = try catalog.masks()  // Another process removed one; its pairs went with it.
      }
    }
  }

  private func problems(of mask: MaskRecord) throws -> [String] {
    do {
      let counts = try catalog.counts(of: mask)
      let reader = try catalog.reader(of: mask)
      let binades = try mask.definition.compareType.flatMap {
        try catalog.binades(of: mask.run.base, as: $0)
      }
      var problems: [String] = counts.compactMap(\.contradiction)
      problems += try catalog.strayProblems(mask)
      let context = ReadContext()
      for (tensor, counts) in counts.enumerated() {
        let check = try MarginalCheck(counts, tensor: tensor, of: reader, binades, using: context)
        problems += check.problems
      }
      problems += try totalProblems(mask, counts)
      return problems.map { "\(mask.name): \($0)" }
    } catch let error as CatalogError {
      switch error.code {
      case .damaged(let detail): return [detail]
      case .maskGone: return ["\(mask.name): a segment is missing"]
      default: throw error
      }
    }
  }

  /// What of the mask's own row does not follow from its tensors.
  private func totalProblems(_ mask: MaskRecord, _ counts: [TensorCounts]) throws -> [String] {
    var digest = MaskDigest(tensors: counts.count)
    for tensor in counts.indices {
      digest.note(try catalog.segmentDigests(ofTensor: tensor, of: mask), ofTensor: tensor)
    }
    let layout = ModelLayout(counts.map(\.tensor))
    let found = digest.finish(layout: layout, compared: counts.map(\.compared))
    let checks = [
      (
        counts.reduce(0) { $0 + $1.compared } == mask.compared, "its tensors compare another number"
      ),
      (
        counts.reduce(0) { $0 + $1.marginals.count } == mask.count,
        "its tensors count another number"
      ),
      (found.description == mask.digest, "its digest does not match its segments"),
    ]
    return checks.filter { !$0.0 }.map(\.1)
  }

  private func pairProblems(_ masks: [MaskRecord]) async throws -> [String] {
    let places = Dictionary(uniqueKeysWithValues: masks.enumerated().map { ($1.id, $0) })
    let kept = try catalog.pairCounts(among: masks)
    let byLayout = Dictionary(grouping: kept) { pair in
      places[pair.masks[0]].map { masks[$0].run.base.layoutID } ?? 0
    }
    var problems: [String] = []
    for kept in byLayout.values { problems += try await pairProblems(kept, masks, places) }
    return problems.sorted()
  }

  /// Recounts pairs of one layout.
  private func pairProblems(
    _ kept: [PairCount],
    _ masks: [MaskRecord],
    _ places: [Int64: Int]
  ) async throws -> [String] {
    let ids = Set(kept.flatMap(\.masks)).sorted()
    let members = ids.compactMap { places[$0] }.map { masks[$0] }
    let place = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
    let readers = try members.map { try catalog.reader(of: $0) }
    let pairs = kept.map { MaskPair(place[$0.masks[0]] ?? 0, place[$0.masks[1]] ?? 0) }
    let counted = try await counter.intersections(of: readers, pairs: pairs)
    return zip(kept, zip(pairs, counted)).compactMap { kept, fresh in
      let (pair, intersections) = fresh
      // Of a count that was stopped, the leading tensors are kept.
      guard !intersections.starts(with: kept.intersections) else { return nil }
      return "the kept counts of \(members[pair.a].name) and \(members[pair.b].name) are wrong"
    }
  }
}
