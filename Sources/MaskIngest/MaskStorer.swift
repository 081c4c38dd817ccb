internal import ByteFormats
public import MaskCatalog
internal import MaskModel
internal import Synchronization

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

  /// Stores `mask` with its counts per tensor, row and column.
  ///
  /// Counts by binade of the base would need the base's values, so the magnitude null has no answer
  /// for the mask and says so. A mask that the catalog has already, made in the same way from the
  /// same things, is left as it is.
  ///
  /// - Throws: `NameError`, `MadeMaskError` where a bit outside of the domain is set, `CatalogError`,
  ///   and whatever the reader throws. Nothing is stored then.
  public func store(_ mask: MadeMask) throws -> StoreReport {
    if let name = mask.name { try RunName.check(name) }
    let session = try catalog.beginIngest()
    do {
      let report = try store(mask, in: session)
      try session.end()
      return report
    } catch {
      // The session's rows are invisible; if they cannot be removed now, the next one does it.
      try? session.end()
      throw error
    }
  }

  private func store(_ mask: MadeMask, in session: IngestSession) throws -> StoreReport {
    let id = try session.makeMask(
      mask.definition,
      isDefaultType: mask.isDefaultType,
      lineage: mask.lineage
    )
    let sink = CatalogSink(session, masks: [[id]])
    progress.expect(bytes: mask.reader.layout.count / 8)
    let census = MaskCensus(of: mask, into: sink) { progress.advance(bytes: $0) }
    try census.run(threads: threads)
    try sink.flush()
    let compared = mask.domain.reduce(0) { $0 + $1.compared }
    let digest = census.digest
    let (run, isNew) = try session.finish(
      FinishedMadeMask(
        id: id,
        base: mask.base,
        run: RunOrigin(
          name: mask.name,
          suggestedNames: mask.suggestedNames,
          digest: digest,
          location: mask.lineage.source,
          fields: mask.fields
        ),
        definition: mask.definition,
        lineage: mask.lineage,
        compared: compared,
        count: census.count
      )
    )
    return StoreReport(
      run: run,
      compared: compared,
      count: census.count,
      digest: digest.description,
      isNew: isNew
    )
  }
}
