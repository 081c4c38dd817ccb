import MaskModel
import Synchronization
import Testing

struct WorkersTests {
  @Test(arguments: [(1, 5), (3, 3), (1 << 62, 3), (.max, 1), (0, 2), (4, 0)])
  func `every job is done once, by no more workers than there are jobs`(
    count: Int,
    jobs: Int
  ) throws {
    let done = Mutex([Int](repeating: 0, count: jobs))
    let workers = Mutex(0)
    try Workers.run(count, jobs: jobs) { worker, next in
      workers.withLock { $0 = max($0, worker + 1) }
      while let job = next() { done.withLock { $0[job] += 1 } }
    }
    #expect(done.withLock { $0 } == Array(repeating: 1, count: jobs))
    #expect(workers.withLock { $0 } == max(1, min(count, jobs)))
  }
}
