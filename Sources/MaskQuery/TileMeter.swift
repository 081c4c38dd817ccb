internal import Synchronization

/// Counts finished tiles and tells of them.
final class TileMeter: Sendable {
  private let done = Atomic(0)
  private let total: Int
  private let report: (@Sendable (CountingProgress) -> Void)?

  init(total: Int, report: (@Sendable (CountingProgress) -> Void)?) {
    self.total = total
    self.report = report
  }

  /// One more tile is counted.
  func tick() {
    let done = done.add(1, ordering: .relaxed).newValue
    report?(CountingProgress(done: done, total: total))
  }
}
