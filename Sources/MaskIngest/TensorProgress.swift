internal import Checkpoints
internal import MaskModel
internal import Synchronization

/// One tensor of the layout while its segments are compared under every mask of a plan.
final class TensorProgress: Sendable {
  /// What exponent totals depend on besides the base.
  struct TotalsKey: Hashable, Sendable {
    let type: FloatType
    let compared: Int
  }

  let ordinal: Int
  /// The tallies, by subject and choice.
  let tallies: [[TensorTally]]
  /// The totals that are counted.
  let keys: [TotalsKey]
  private let totals: Mutex<[TotalsKey: [UInt64]]>
  private let remaining: Mutex<Int>

  init(_ ordinal: Int, in plan: ComparisonPlan, jobs: Int) {
    self.ordinal = ordinal
    tallies = plan.subjects.map { subject in
      let pair = subject.pairing.pairs[ordinal]
      return subject.choices.map { _ in TensorTally(pair.base.shape, compared: pair.compared) }
    }
    let keys = plan.subjects.flatMap { subject in
      let compared = subject.pairing.pairs[ordinal].compared
      return subject.choices.map {
        TotalsKey(type: $0.definition.compareType, compared: compared)
      }
    }
    self.keys = Array(Set(keys.filter { $0.compared > 0 }))
    totals = Mutex([:])
    remaining = Mutex(jobs)
  }

  func add(_ counts: [UInt64], to key: TotalsKey) {
    totals.withLock { totals in
      let sum = totals[key] ?? [UInt64](repeating: 0, count: 256)
      totals[key] = zip(sum, counts).map(+)
    }
  }

  /// The base's positions by exponent field; nil where nothing was compared.
  func totals(_ key: TotalsKey) -> [Int]? {
    totals.withLock { $0[key]?.map { Int($0) } }
  }

  /// Notes that a job is done; true for the last one.
  func finishJob() -> Bool {
    remaining.withLock { remaining in
      remaining -= 1
      return remaining == 0
    }
  }
}
