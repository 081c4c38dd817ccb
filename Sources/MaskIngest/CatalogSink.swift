internal import MaskCatalog
internal import MaskModel
internal import Synchronization

/// Writes segments and tensors to a catalog in transactions of about 64 MiB.
///
/// The worker that fills a batch writes it while the others go on; where the next batch fills up
/// meanwhile, its worker waits, so no more than two are in memory.
final class CatalogSink: ComparisonSink {
  fileprivate struct Batch {
    var segments: [SegmentRow] = []
    var tensors: [TensorRow] = []
    var byteCount = 0
  }

  /// The masks under way in the catalog, by subject and choice.
  let masks: [[Int64]]
  let session: IngestSession
  private let pending = Mutex(Batch())
  private let writing = Mutex(())

  private static let batchBytes = 64 << 20

  init(_ session: IngestSession, masks: [[Int64]]) {
    self.session = session
    self.masks = masks
  }

  func take(_ segment: EncodedSegment, of mask: MaskIndex, ordinal: Int, number: Int) throws {
    let row = SegmentRow(
      mask: masks[mask.subject][mask.choice],
      ordinal: ordinal,
      number: number,
      segment: segment
    )
    try add(byteCount: segment.bytes.count + 64) { $0.segments.append(row) }
  }

  func take(
    _ tensor: MaskTensorRecord,
    of mask: MaskIndex,
    exponentTotals: [Int]?
  ) throws {
    let row = TensorRow(
      mask: masks[mask.subject][mask.choice],
      record: tensor,
      exponentTotals: exponentTotals
    )
    let counters = (tensor.marginals.rows?.count ?? 0) + (tensor.marginals.columns?.count ?? 0)
    try add(byteCount: 4 * counters + 1024) { $0.tensors.append(row) }
  }

  /// Writes what is pending.
  func flush() throws { try write(pending.withLock { $0.take() }) }

  private func add(byteCount: Int, _ append: (inout Batch) -> Void) throws {
    let full: Batch? = pending.withLock { batch in
      append(&batch)
      batch.byteCount += byteCount
      return batch.byteCount < Self.batchBytes ? nil : batch.take()
    }
    if let full { try write(full) }
  }

  private func write(_ batch: Batch) throws {
    try writing.withLock { _ in try session.write(batch.segments, batch.tensors) }
  }
}

extension CatalogSink.Batch {
  /// The batch, leaving an empty one.
  fileprivate mutating func take() -> Self {
    defer { self = Self() }
    return self
  }
}
