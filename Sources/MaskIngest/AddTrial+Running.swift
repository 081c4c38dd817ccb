internal import MaskCatalog
internal import MaskModel
internal import Synchronization

extension AddTrial {
  /// About how long it takes.
  private static let timeLimit = Duration.milliseconds(500)

  /// Compares and packs the first segments of `plan`.
  init(of plan: ComparisonPlan, threads: Int) throws {
    let sink = TrialSink(until: ContinuousClock.now + Self.timeLimit)
    let comparison = Comparison(plan, into: sink) { sink.note(read: $0) }
    let time = try ContinuousClock().measure {
      do { try comparison.run(threads: threads) } catch is TrialSink.Enough {}
    }
    let (read, packed) = sink.bytes.withLock { $0 }
    self.init(readBytes: read, packedBytes: packed, seconds: time / .seconds(1))
  }
}

/// Counts bytes, keeps nothing, and ends the comparison when its time is over.
private final class TrialSink: ComparisonSink {
  struct Enough: Error {}

  let bytes = Mutex((read: 0, packed: 0))
  private let end: ContinuousClock.Instant

  init(until end: ContinuousClock.Instant) { self.end = end }

  func note(read count: Int) { bytes.withLock { $0.read += count } }

  func take(_ segment: EncodedSegment, of mask: MaskIndex, ordinal: Int, number: Int) throws {
    let read = bytes.withLock {
      $0.packed += segment.bytes.count
      return $0.read
    }
    if read > 0, ContinuousClock.now > end { throw Enough() }
  }

  func take(_ tensor: MaskTensorRecord, of mask: MaskIndex, exponentTotals: [Int]?) {}
}
