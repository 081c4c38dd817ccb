internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import MaskModel
internal import Synchronization

/// One tensor of the layout while its segments are compared under every mask of a plan.
final class TensorProgress: Sendable {
  typealias TotalsKey = ExponentTotals.Key

  let ordinal: Int
  /// The tallies, by subject and choice.
  let tallies: [[TensorTally]]
  /// The totals that are still to be counted.
  let keys: [TotalsKey]
  /// The same by subject and choice, each at the first mask that can count it.
  let keysToCount: [[TotalsKey?]]
  private let known: [TotalsKey: [UInt8]]
  private let totals: Mutex<[TotalsKey: [UInt64]]>
  private let remaining: Mutex<Int>

  init(_ ordinal: Int, in plan: ComparisonPlan) {
    self.ordinal = ordinal
    tallies = plan.subjects.map { subject in
      let pair = subject.pairing.pairs[ordinal]
      return subject.choices.map { _ in TensorTally(pair.base.shape, compared: pair.compared) }
    }
    var known: [TotalsKey: [UInt8]] = [:]
    var keys: [TotalsKey] = []
    keysToCount = plan.subjects.map { subject in
      let compared = subject.pairing.pairs[ordinal].compared
      return subject.choices.map { choice in
        let type = choice.definition.compareType
        let key = TotalsKey(compareType: type, ordinal: ordinal, compared: compared)
        known[key] = plan.knownTotals[key]
        guard compared > 0, known[key] == nil, !keys.contains(key) else { return nil }
        keys.append(key)
        return key
      }
    }
    self.known = known
    self.keys = keys
    totals = Mutex([:])
    remaining = Mutex(plan.segments(ofTensor: ordinal))
  }

  func add(_ counts: [UInt64], to key: TotalsKey) {
    totals.withLock { totals in
      let sum = totals[key] ?? [UInt64](repeating: 0, count: 256)
      totals[key] = zip(sum, counts).map(+)
    }
  }

  /// The base's positions by exponent field; nil where nothing was compared.
  ///
  /// - Throws: `FormatError` where what is known is damaged.
  func totals(_ key: TotalsKey) throws(FormatError) -> [Int]? {
    if let bytes = known[key] {
      let totals = try ExponentCoding.totals(bytes)
      guard BinadeProfile(totals).total == key.compared else {
        throw FormatError(.numberOutOfRange, at: bytes.count)
      }
      return totals
    }
    return totals.withLock { $0[key]?.map { Int($0) } }
  }

  /// Notes that a job is done; true for the last one.
  func finishJob() -> Bool {
    remaining.withLock { remaining in
      remaining -= 1
      return remaining == 0
    }
  }
}

/// The tensors under way: made at their first segment and forgotten after their last.
final class TensorsUnderWay: Sendable {
  private let plan: ComparisonPlan
  private let tensors = Mutex<[Int: TensorProgress]>([:])

  init(_ plan: ComparisonPlan) { self.plan = plan }

  subscript(ordinal: Int) -> TensorProgress {
    tensors.withLock { tensors in
      if let tensor = tensors[ordinal] { return tensor }
      let tensor = TensorProgress(ordinal, in: plan)
      tensors[ordinal] = tensor
      return tensor
    }
  }

  func forget(_ ordinal: Int) { _ = tensors.withLock { $0.removeValue(forKey: ordinal) } }
}
