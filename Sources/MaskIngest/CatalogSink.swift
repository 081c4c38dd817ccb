internal import Dispatch
internal import MaskCatalog
internal import MaskModel
internal import Synchronization

/// Writes segments and tensors to a catalog, in transactions, while the workers go on.
///
/// What comes in while a transaction is written is written by the next, so that a slow disk gets
/// few large transactions and a fast one many small ones. Where more than `waitingBytes` wait, the
/// workers wait as well.
final class CatalogSink: ComparisonSink {
  /// The masks under way in the catalog, by subject and choice.
  let masks: [[Int64]]
  let session: IngestSession
  /// What the first mask of each subject is coded against, where it is.
  private let references: [Int64?]
  private let waiting = Mutex(Batch())
  private let failure = Mutex<(any Error)?>(nil)
  private let writer = DispatchQueue(label: "maskdb.sink")

  /// The bytes that are worth a transaction.
  private static let batchBytes = 8 << 20
  /// The bytes that may wait for the transaction under way.
  private static let waitingBytes = 64 << 20

  init(
    _ session: IngestSession,
    masks: [[Int64]],
    references: [SegmentReference] = []
  ) {
    self.session = session
    self.masks = masks
    self.references = references.map { reference in
      switch reference {
      case .alone: nil
      case .stored(let mask): mask
      case .subject(let index): masks[index].first
      }
    }
  }

  func take(_ segment: EncodedSegment, of mask: MaskIndex, ordinal: Int, number: Int) throws {
    let first = references.isEmpty ? nil : references[mask.subject]
    let row = SegmentRow(
      mask: masks[mask.subject][mask.choice],
      ordinal: ordinal,
      number: number,
      segment: segment,
      reference: mask.choice > 0 ? masks[mask.subject][0] : first
    )
    try add { $0.rows.append(row) }
  }

  func take(
    _ tensor: MaskTensorRecord,
    of mask: MaskIndex,
    exponentTotals: [Int]?
  ) throws {
    let row: TensorRow
    do {
      row = try TensorRow(
        mask: masks[mask.subject][mask.choice],
        record: tensor,
        exponentTotals: exponentTotals
      )
    } catch {
      let detail = "it keeps other exponents of tensor \(tensor.ordinal) of the base"
      throw CatalogError(.damaged(detail), at: session.catalog.path)
    }
    try add { $0.rows.append(row) }
  }

  /// Waits for the transaction under way, and returns what is still to be written.
  ///
  /// - Throws: what the first transaction threw that failed.
  func finish() throws -> UnwrittenRows {
    writer.sync {}
    if let failure = failure.withLock({ $0 }) { throw failure }
    return waiting.withLock { $0.take().rows }
  }

  /// Writes what waits, and returns when everything is written.
  private func flush() throws {
    writer.sync { write() }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  private func add(_ append: (inout Batch) -> Void) throws {
    if let failure = failure.withLock({ $0 }) { throw failure }
    let step = waiting.withLock { batch in
      append(&batch)
      return batch.nextStep(worthwhile: Self.batchBytes, limit: Self.waitingBytes)
    }
    switch step {
    case .none: break
    case .write: writer.async { self.write() }
    case .wait: try flush()
    }
  }

  /// Writes what waits in one transaction; after a failure, nothing any more.
  private func write() {
    let batch = waiting.withLock { $0.take() }
    guard !batch.rows.isEmpty, failure.withLock({ $0 == nil }) else { return }
    do {
      try session.write(batch.rows)
    } catch {
      failure.withLock { $0 = error }
    }
  }
}

/// Rows that wait for the next transaction.
private struct Batch {
  enum Step {
    case none
    case write
    case wait
  }

  var rows = UnwrittenRows()
  private var isScheduled = false

  /// What whoever added a row has to do; a transaction is asked for once a batch.
  mutating func nextStep(worthwhile: Int, limit: Int) -> Step {
    if rows.byteCount >= limit { return .wait }
    guard rows.byteCount >= worthwhile, !isScheduled else { return .none }
    isScheduled = true
    return .write
  }

  /// The batch, leaving an empty one.
  mutating func take() -> Self {
    defer { self = Self() }
    return self
  }
}
