package import ByteFormats
internal import Synchronization

/// A bit is set outside of what its mask is about.
public struct OutsideDomain: Error, Sendable, Hashable, CustomStringConvertible {
  /// The tensor.
  public let tensor: String
  /// How many positions of one segment are set there.
  public let positions: Int

  /// One sentence: the tensor, the reason.
  public var description: String {
    "\(tensor): \(positions, of: "position") set outside of what the mask is about"
  }
}

/// One pass over the bits of a mask: what is counted of it, and its digest.
package struct MaskCensus: Sendable {
  /// What was counted of every tensor.
  package let counts: [TensorCounts]
  /// The digest of the bits.
  package let digest: ContentDigest

  /// The positions that are set.
  package var count: Int { counts.reduce(0) { $0 + $1.marginals.count } }

  /// Counts the bits that `reader` gives, which lie in the first `compared` positions of every tensor.
  ///
  /// - Parameters:
  ///   - reader: the mask.
  ///   - compared: its domain, one number a tensor.
  ///   - binades: the exponents of the base's weights; nil for no counts by binade.
  ///   - threads: the threads to work on.
  ///   - packs: whether segments are packed for `take`.
  ///   - take: given each segment, from any thread.
  ///   - finish: given the counts of each tensor when they are known, from any thread.
  /// - Throws: `OutsideDomain`, and what the readers, `take` or `finish` throw.
  package init(
    of reader: any SegmentReader,
    compared: [Int],
    binades: (any BinadeReader)? = nil,
    threads: Int,
    packs: Bool = false,
    take: @Sendable (EncodedSegment, _ tensor: Int, _ number: Int) throws -> Void = { _, _, _ in },
    finish: @Sendable (TensorCounts, _ tensor: Int) throws -> Void = { _, _ in }
  ) throws {
    let layout = reader.layout
    precondition(compared.count == layout.tensors.count, "every tensor has its domain")
    let state = CensusState(layout, compared, binades)
    for tensor in layout.tensors.indices where state.isEmpty(tensor) {
      try finish(state.finish(tensor), tensor)
    }
    let jobs = layout.tensors.indices.flatMap { tensor in
      (0..<SegmentGrid.count(positions: layout.tensors[tensor].shape.count)).map { (tensor, $0) }
    }
    try Workers.run(min(threads, jobs.count), jobs: jobs.count) { _, next in
      var words = WordBuffer()
      var encoder = SegmentEncoder()
      let context = ReadContext()
      while let job = next() {
        let (tensor, number) = jobs[job]
        let count = try reader.read(tensor: tensor, segment: number, into: &words, using: context)
        let range = state.range(tensor, number)
        words.clear(from: range.inside.count)
        let segment = encoder.encode(words, positions: range.all.count, packs: packs)
        try state.check(segment, count: count, tensor)
        try take(segment, tensor, number)
        if try state.add(segment, words, tensor, number) {
          try finish(state.finish(tensor), tensor)
        }
      }
    }
    (counts, digest) = state.result
    try binades?.checkUnchanged()
  }
}

/// The counts under way, shared by the workers.
private final class CensusState: Sendable {
  private struct Results {
    var counts: [TensorCounts?]
    /// The positions of every tensor under way by binade of the base.
    var totals: [Int: [Int]] = [:]
    var digest: MaskDigest
    var open: [Int]
  }

  private let layout: ModelLayout
  private let compared: [Int]
  private let binades: (any BinadeReader)?
  private let tallies: [TensorTally]
  private let results: Mutex<Results>

  init(_ layout: ModelLayout, _ compared: [Int], _ binades: (any BinadeReader)?) {
    self.layout = layout
    self.compared = compared
    self.binades = binades
    tallies = zip(layout.tensors, compared).map { TensorTally($0.shape, compared: $1) }
    results = Mutex(
      Results(
        counts: layout.tensors.map { _ in nil },
        digest: MaskDigest(tensors: layout.tensors.count),
        open: layout.tensors.map { SegmentGrid.count(positions: $0.shape.count) }
      )
    )
  }

  var result: ([TensorCounts], ContentDigest) {
    results.withLock { results in
      (
        results.counts.compactMap(\.self),
        results.digest.finish(layout: layout, compared: compared)
      )
    }
  }

  func isEmpty(_ tensor: Int) -> Bool { layout.tensors[tensor].shape.count == 0 }

  /// The positions of a segment, and those of them that the mask is about.
  func range(_ tensor: Int, _ number: Int) -> (all: Range<Int>, inside: Range<Int>) {
    let all = SegmentGrid.range(number, positions: layout.tensors[tensor].shape.count)
    return (all, all.clamped(to: 0..<compared[tensor]))
  }

  /// Throws where bits of a segment with `count` of them are not in `segment`, which is all that lies
  /// in the domain.
  func check(_ segment: EncodedSegment, count: Int, _ tensor: Int) throws(OutsideDomain) {
    guard segment.count == count else {
      throw OutsideDomain(
        tensor: layout.tensors[tensor].name,
        positions: count - segment.count
      )
    }
  }

  /// Adds a segment; true for the last one of its tensor.
  func add(
    _ segment: EncodedSegment,
    _ words: borrowing WordBuffer,
    _ tensor: Int,
    _ number: Int
  ) throws -> Bool {
    let inside = range(tensor, number).inside
    var binades = BinadeCounts()
    if hasBinades(tensor), !inside.isEmpty {
      var fields: [UInt8] = []
      try self.binades?.read(tensor: tensor, segment: number, into: &fields)
      binades.add(words, fields[..<inside.count])
    }
    tallies[tensor].add(
      words,
      range: inside,
      number: number,
      digest: SegmentDigest(count: segment.count, checksum: segment.checksum),
      exponents: binades.changed
    )
    return results.withLock { results in
      if hasBinades(tensor) {
        let before = results.totals[tensor] ?? [Int](repeating: 0, count: 256)
        results.totals[tensor] = zip(before, binades.all).map { $0 + Int($1) }
      }
      results.open[tensor] -= 1
      return results.open[tensor] == 0
    }
  }

  /// What was counted of a tensor whose last segment is in.
  func finish(_ tensor: Int) -> TensorCounts {
    let (counted, digests) = tallies[tensor].finish()
    return results.withLock { results in
      let totals = results.totals.removeValue(forKey: tensor)
      let counts = TensorCounts(
        tensor: layout.tensors[tensor],
        compared: compared[tensor],
        marginals: TensorMarginals(
          count: counted.count,
          rows: counted.rows,
          columns: counted.columns,
          exponents: totals == nil ? nil : counted.exponents
        ),
        exponentTotals: totals
      )
      results.counts[tensor] = counts
      results.digest.note(digests, ofTensor: tensor)
      return counts
    }
  }

  private func hasBinades(_ tensor: Int) -> Bool { binades != nil && compared[tensor] > 0 }
}
