internal import Dispatch
internal import Synchronization

/// A fixed number of workers that share a list of jobs.
public enum Workers {
  /// Calls `body` once on each of `count` threads, or as many as there are jobs if those are fewer but one
  /// at least, and waits for all; rethrows the first error.
  ///
  /// `body` gets the number of its worker and a source of job numbers, each of `0..<jobs` given out
  /// once, in order. After an error the source is dry, so the others stop at their next job.
  public static func run(
    _ count: Int,
    jobs: Int,
    _ body: @Sendable (_ worker: Int, _ next: () -> Int?) throws -> Void
  ) throws {
    let state = Mutex(State())
    DispatchQueue.concurrentPerform(iterations: max(1, min(count, jobs))) { worker in
      do {
        try body(worker) { state.withLock { $0.next(of: jobs) } }
      } catch {
        state.withLock { $0.failure = $0.failure ?? error }
      }
    }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  private struct State {
    var given = 0
    var failure: (any Error)?

    mutating func next(of jobs: Int) -> Int? {
      guard failure == nil, given < jobs else { return nil }
      defer { given += 1 }
      return given
    }
  }
}
