internal import Foundation

/// Counts exact intersections of many pairs of masks in one pass over their bits.
///
/// The work goes tile by tile, a tile being one segment of one tensor: every mask that a pair needs
/// there is decoded once into words, then all pairs are counted on the words. Tiles are spread over
/// tasks. Memory is tasks x masks x 512 KiB, at most `memoryLimit`: more masks than fit are counted
/// in blocks, each decoded once for every other block. Where a mask is empty or full in a tensor the
/// answer follows from counts, and no bit is read.
public struct PairCounter: Sendable {
  /// The most tiles that are counted at the same time.
  public var threads: Int
  /// The bytes of decoded words held at any time; two masks and one thread are always allowed.
  public var memoryLimit: Int

  /// A counter on `threads` threads within `memoryLimit` bytes.
  public init(threads: Int = PairCounter.activeProcessors, memoryLimit: Int = 1 << 30) {
    self.threads = max(threads, 1)
    self.memoryLimit = memoryLimit
  }

  /// The processors that this process may run on.
  public static var activeProcessors: Int { ProcessInfo.processInfo.activeProcessorCount }
}

/// How far a count has come.
public struct CountingProgress: Sendable, Hashable {
  /// What is counted: tiles, or where a query tells, pairs of bits.
  public let done: Int
  /// What there is to count.
  public let total: Int
}

/// Pairs that are counted in every tensor, as soon as they are.
public struct CountedPairs: Sendable {
  /// The pairs, by their places in the list that was asked for.
  public let places: [Int]
  /// For each, the intersection in every tensor of the layout.
  public let intersections: [[Int]]
}
