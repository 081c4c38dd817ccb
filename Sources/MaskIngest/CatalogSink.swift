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
  private let waiting = Mutex(Batch())
  private let failure = Mutex<(any Error)?>(nil)
  private let writer = DispatchQueue(label: "maskdb.sink")

  /// The bytes that are worth a transaction.
  private static let batchBytes = 8 << 20
  /// The bytes that may wait for the transaction under way.
  private static let waitingBytes = 64 << 20

  init(_ session: IngestSession, masks: [[Int64]]) {
    self.session = session
    self.masks = masks
  }

  func take(_ segment: EncodedSegment, of mask: MaskIndex, ordinal: Int, number: Int) throws {
    let row = SegmentRow(
      mask: masks[mask.subject][mask.choice],
      ordinal: ordinal,
      number: number,
      segment: segment,
      reference: masks[mask.subject][0]
    )
    try add { $0.append(row) }
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
    try add { $0.append(row) }
  }

  /// Writes what waits, and returns when everything is written.
  ///
  /// - Throws: what the first transaction threw that failed.
  func flush() throws {
    writer.sync { write() }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  private func add(_ append: (inout Batch) -> Void) throws {
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
    guard !batch.isEmpty, failure.withLock({ $0 == nil }) else { return }
    do {
      try session.write(batch.segments, batch.tensors)
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

  private(set) var segments: [SegmentRow] = []
  private(set) var tensors: [TensorRow] = []
  private var byteCount = 0
  private var isScheduled = false

  var isEmpty: Bool { segments.isEmpty && tensors.isEmpty }

  mutating func append(_ row: SegmentRow) {
    segments.append(row)
    byteCount += row.byteCount
  }

  mutating func append(_ row: TensorRow) {
    tensors.append(row)
    byteCount += row.byteCount
  }

  /// What whoever added a row has to do; a transaction is asked for once a batch.
  mutating func nextStep(worthwhile: Int, limit: Int) -> Step {
    if byteCount >= limit { return .wait }
    guard byteCount >= worthwhile, !isScheduled else { return .none }
    isScheduled = true
    return .write
  }

  /// The batch, leaving an empty one.
  mutating func take() -> Self {
    defer { self = Self() }
    return self
  }
}
