internal import ByteFormats
public import MaskCatalog
internal import MaskModel

/// Stores masks that no checkpoint is compared for: the way from any reader of bits to the catalog.
///
/// Memory is bounded by threads x the reader's own and 2 MiB, and the counters of the tensors under
/// way. A mask is visible when it is whole.
public struct MaskStorer: Sendable {
  let catalog: Catalog
  let threads: Int
  let progress: any ProgressReporter

  /// A storer to `catalog` that works on `threads` threads.
  public init(to catalog: Catalog, threads: Int, progress: any ProgressReporter) {
    self.catalog = catalog
    self.threads = threads
    self.progress = progress
  }

  /// Stores `mask` with its counts per tensor, row and column, and, where the base's exponents are at
  /// hand, per binade: without these the magnitude null has no answer for the mask and says so.
  ///
  /// A mask that the catalog has already, made in the same way from the same things, is left as it is,
  /// but for counts by binade that it had not.
  ///
  /// - Throws: `NameError`, `OutsideDomain` where a bit is set that the mask is not about, `CatalogError`,
  ///   and whatever the reader throws. Nothing is stored then.
  public func store(_ mask: MadeMask) throws -> StoreReport {
    if let name = mask.name {
      try RunName.check(name)
      try checkFree(name, for: mask.lineage)
    }
    let session = try catalog.beginIngest(
      [UnfinishedMask(mask.definition, isDefaultType: mask.isDefaultType, lineage: mask.lineage)],
      positions: mask.reader.layout.count
    )
    do {
      return try store(mask, in: session)
    } catch {
      // The session's rows are invisible; if they cannot be removed now, the next one does it.
      try? session.end()
      throw error
    }
  }

  /// Refuses a name at once that is another mask's, before anything is read.
  private func checkFree(_ name: String, for lineage: MaskLineage) throws(CatalogError) {
    let others = try catalog.masks().filter { $0.run.name == name }
    guard others.allSatisfy({ $0.lineage?.isMaking(of: lineage) ?? false }) else {
      throw CatalogError(.nameTaken(name), at: catalog.path)
    }
  }

  private func store(_ mask: MadeMask, in session: IngestSession) throws -> StoreReport {
    let id = session.masks[0]
    let sink = CatalogSink(session, masks: [[id]])
    let census = try census(of: mask, into: sink)
    try mask.check(census.counts.map(\.marginals.count))
    let rows = try sink.finish()
    let compared = mask.domain.reduce(0) { $0 + $1.compared }
    var base = mask.base
    base.exponentTotals = mask.definition.compareType.map { census.exponentTotals(as: $0) } ?? []
    let (run, isNew) = try session.finish(
      FinishedMadeMask(
        id: id,
        base: base,
        run: RunOrigin(
          name: mask.name,
          suggestedNames: mask.suggestedNames,
          digest: census.digest,
          location: mask.lineage.source,
          fields: mask.fields
        ),
        definition: mask.definition,
        lineage: mask.lineage,
        compared: compared,
        count: census.count
      ),
      after: rows
    )
    return StoreReport(
      run: run,
      compared: compared,
      count: census.count,
      digest: census.digest.description,
      isNew: isNew
    )
  }

  /// Reads the mask once, and hands what is found to `sink`.
  private func census(of mask: MadeMask, into sink: CatalogSink) throws -> MaskCensus {
    let place = MaskIndex(subject: 0, choice: 0)
    let tensors = mask.reader.layout.tensors
    progress.expect(bytes: mask.reader.layout.count / 8)
    return try MaskCensus(
      of: mask.reader,
      compared: mask.domain.map(\.compared),
      binades: mask.binades,
      threads: threads,
      packs: true,
      take: { segment, tensor, number in
        try sink.take(segment, of: place, ordinal: tensor, number: number)
        let positions = SegmentGrid.range(number, positions: tensors[tensor].shape.count)
        progress.advance(bytes: positions.count / 8)
      },
      finish: { counts, tensor in
        let record = MaskTensorRecord(mask.domain[tensor], ordinal: tensor, counts.marginals)
        try sink.take(record, of: place, exponentTotals: counts.exponentTotals)
      }
    )
  }
}

extension MaskCensus {
  /// The base's positions by binade in `type`, as the catalog keeps them.
  fileprivate func exponentTotals(as type: FloatType) -> [ExponentTotals] {
    counts.enumerated().compactMap { ordinal, counts in
      counts.exponentTotals.map { totals in
        ExponentTotals(
          compareType: type,
          ordinal: ordinal,
          compared: counts.compared,
          totals: totals
        )
      }
    }
  }
}

extension MaskTensorRecord {
  fileprivate init(_ domain: TensorDomain, ordinal: Int, _ marginals: TensorMarginals) {
    self.init(
      ordinal: ordinal,
      compared: domain.compared,
      reason: domain.reason,
      baseType: domain.baseType,
      tunedType: domain.tunedType,
      marginals: marginals
    )
  }
}
