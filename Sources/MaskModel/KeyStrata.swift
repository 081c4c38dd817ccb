internal import Synchronization

/// The positions of a domain with their random numbers, by stratum: one stratum, or one a binade.
struct KeyStrata: Sendable {
  let layout: ModelLayout
  let compared: [Int]
  let keys: PositionKeys
  let binades: (any BinadeReader)?
  let threads: Int

  /// The strata of a tensor.
  private var strataCount: Int { binades == nil ? 1 : 256 }
  /// The leading bits by which numbers are sorted into bins: 2^16 bins, or 2^12 for each binade.
  private var bits: Int { binades == nil ? 16 : 12 }

  /// How many positions of every tensor have numbers up to its bounds.
  func counts(below bounds: [[UInt64?]]) throws -> [Int] {
    let sums = Mutex([Int](repeating: 0, count: layout.tensors.count))
    try forEachSegment(of: Array(layout.tensors.indices)) { tensor, range, fields in
      var count = 0
      keys.forEach(range, of: tensor) { place, key in
        guard let bound = bounds[tensor][fields.isEmpty ? 0 : Int(fields[place])] else { return }
        if key <= bound { count += 1 }
      }
      sums.withLock { $0[tensor] += count }
    }
    return sums.withLock { $0 }
  }

  /// For each stratum of `tensors` taken together, the number up to which `wanted` positions are.
  ///
  /// Two passes: the first finds the bin of the number, the second sorts what is in the bin.
  func bounds(of tensors: [Int], taking wanted: [Int]) throws -> [UInt64?] {
    guard wanted.contains(where: { $0 > 0 }) else { return wanted.map { _ in nil } }
    let bins = try histogram(of: tensors)
    let places = try wanted.indices.map { stratum in
      try BinPlace(of: wanted[stratum], in: bins[stratum << bits..<(stratum + 1) << bits])
    }
    let candidates = try gather(places, of: tensors)
    return try places.indices.map { stratum in
      try places[stratum].map { place in
        guard place.rank < candidates[stratum].count else { throw ChangedStrata() }
        return candidates[stratum].sorted()[place.rank]
      }
    }
  }

  /// How many positions of each stratum have a number with the same leading bits.
  private func histogram(of tensors: [Int]) throws -> [UInt32] {
    let size = strataCount << bits
    let sums = Mutex([UInt32](repeating: 0, count: size))
    try forEachSegment(of: tensors) { tensor, range, fields in
      var counts = [UInt32](repeating: 0, count: size)
      unsafe counts.withUnsafeMutableBufferPointer { counts in
        keys.forEach(range, of: tensor) { place, key in
          let stratum = fields.isEmpty ? 0 : Int(fields[place])
          unsafe counts[stratum << bits | Int(key >> UInt64(64 - bits))] += 1
        }
      }
      sums.withLock { sums in for bin in 0..<size { sums[bin] += counts[bin] } }
    }
    return sums.withLock { $0 }
  }

  /// The numbers in the bin of each stratum.
  private func gather(_ places: [BinPlace?], of tensors: [Int]) throws -> [[UInt64]] {
    let found = Mutex([[UInt64]](repeating: [], count: places.count))
    let wanted = places.map { $0?.bin }
    try forEachSegment(of: tensors) { tensor, range, fields in
      var own = [[UInt64]](repeating: [], count: wanted.count)
      keys.forEach(range, of: tensor) { place, key in
        let stratum = fields.isEmpty ? 0 : Int(fields[place])
        if Int(key >> UInt64(64 - bits)) == wanted[stratum] { own[stratum].append(key) }
      }
      found.withLock { found in
        for stratum in own.indices { found[stratum] += own[stratum] }
      }
    }
    return found.withLock { $0 }
  }

  /// Calls `body` with every segment of the domain in `tensors`, on several threads.
  private func forEachSegment(
    of tensors: [Int],
    _ body:
      @Sendable (
        _ tensor: Int, _ range: Range<Int>, _ fields: [UInt8]
      ) throws -> Void
  ) throws {
    let jobs = tensors.flatMap { tensor in
      (0..<SegmentGrid.count(positions: compared[tensor])).map { (tensor, $0) }
    }
    try Workers.run(min(threads, jobs.count), jobs: jobs.count) { _, next in
      var fields: [UInt8] = []
      while let job = next() {
        let (tensor, segment) = jobs[job]
        try binades?.read(tensor: tensor, segment: segment, into: &fields)
        let range = SegmentGrid.range(segment, positions: compared[tensor])
        try body(tensor, range, fields)
      }
    }
  }
}

/// Where the greatest number that is taken stands: the bin, and how many of it are before.
private struct BinPlace {
  let bin: Int
  let rank: Int

  /// Nil where nothing is wanted.
  init?(of wanted: Int, in bins: ArraySlice<UInt32>) throws {
    guard wanted > 0 else { return nil }
    var before = 0
    for (bin, count) in bins.enumerated() {
      if before + Int(count) >= wanted {
        self.bin = bin
        rank = wanted - before - 1
        return
      }
      before += Int(count)
    }
    throw ChangedStrata()
  }
}

/// Binades that were others in an earlier pass over the base.
public struct ChangedStrata: Error, CustomStringConvertible {
  /// One sentence: what happened, and the way out.
  public let description =
    "the base's weights are not those that the mask was counted on, or were written while they were read; repeat when nothing writes them"
}
