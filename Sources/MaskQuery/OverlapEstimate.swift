/// What counting the overlap of some masks will cost.
///
/// Pairs, segments, bytes and memory follow from the plan that the count itself would follow. The time
/// is an estimate from `trial`: a few of the segments, decoded and counted on one thread.
public struct OverlapEstimate: Sendable, Hashable {
  /// The masks.
  public let masks: Int
  /// The pairs of them.
  public let pairs: Int
  /// The pairs whose counts the catalog keeps, so that nothing is read for them.
  public let keptPairs: Int
  /// The work for the others.
  public let work: CountingWork
  /// The most tiles that are counted at the same time.
  public let threads: Int
  /// The bytes of decoded words that are held at most, on all threads together.
  public let memoryBytes: Int
  /// What was measured; nil where no bit has to be read.
  public let trial: CountingTrial?

  /// The seconds that reading and counting will take, on threads that have a core each.
  ///
  /// Without nulls and tables, and where what is read is not in memory yet, without the disk but for
  /// what it did to the trial.
  public var seconds: Double { trial.map { $0.seconds(for: work) / Double(max(threads, 1)) } ?? 0 }
}

/// How much there is to decode and to count.
public struct CountingWork: Sendable, Hashable {
  /// The segments that are decoded; those of a mask that is in several blocks, as often.
  public internal(set) var segments = 0
  /// The bytes that they take in the catalog.
  public internal(set) var packedBytes = 0
  /// The positions that they hold.
  public internal(set) var positions = 0
  /// The positions of every pair that is counted.
  public internal(set) var pairPositions = 0

  /// Nothing.
  public init() {}

  /// What decoding costs, in positions: finding a segment costs about as much as decoding 2^18 of them.
  fileprivate var decodingEffort: Int { positions + segments << 18 }
}

/// Some of the work, done and timed on one thread.
public struct CountingTrial: Sendable, Hashable {
  /// What was done.
  public let work: CountingWork
  /// The seconds that reading and decoding it took.
  public let decodingSeconds: Double
  /// The seconds that counting it took.
  public let countingSeconds: Double

  /// The seconds that one thread takes for `work`.
  public func seconds(for other: CountingWork) -> Double {
    decodingSeconds * Double(other.decodingEffort) / Double(max(work.decodingEffort, 1))
      + countingSeconds * Double(other.pairPositions) / Double(max(work.pairPositions, 1))
  }
}
