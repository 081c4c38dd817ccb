internal import ByteFormats
internal import MaskCatalog
internal import MaskModel
internal import Synchronization

/// One pass over the bits of a mask that is being stored: encodes its segments and counts them.
final class MaskCensus: Sendable {
  private struct Results {
    var counts: [Int]
    var digest: MaskDigest
  }

  private let mask: MadeMask
  private let sink: any ComparisonSink
  private let advance: @Sendable (Int) -> Void
  private let tallies: [TensorTally]
  private let open: Mutex<[Int]>
  private let results: Mutex<Results>

  init(
    of mask: MadeMask,
    into sink: any ComparisonSink,
    advance: @escaping @Sendable (Int) -> Void
  ) {
    self.mask = mask
    self.sink = sink
    self.advance = advance
    let tensors = mask.reader.layout.tensors
    precondition(mask.domain.count == tensors.count, "a domain for every tensor")
    tallies = zip(tensors, mask.domain).map { TensorTally($0.shape, compared: $1.compared) }
    open = Mutex(tensors.map { SegmentGrid.count(positions: $0.shape.count) })
    results = Mutex(
      Results(
        counts: [Int](repeating: 0, count: tensors.count),
        digest: MaskDigest(tensors: tensors.count)
      )
    )
  }

  /// The positions that are set.
  var count: Int { results.withLock { $0.counts.reduce(0, +) } }

  /// The digest of the bits.
  var digest: ContentDigest {
    results.withLock {
      $0.digest.finish(layout: mask.reader.layout, compared: mask.domain.map(\.compared))
    }
  }

  /// Reads every segment once, on `threads` threads.
  func run(threads: Int) throws {
    let tensors = mask.reader.layout.tensors
    let jobs = tensors.indices.flatMap { tensor in
      (0..<SegmentGrid.count(positions: tensors[tensor].shape.count)).map { (tensor, $0) }
    }
    for tensor in tensors.indices where tensors[tensor].shape.count == 0 { try finish(tensor) }
    try Workers.run(threads, jobs: jobs.count) { _, next in
      var words = WordBuffer()
      var encoder = SegmentEncoder()
      while let job = next() {
        let (tensor, number) = jobs[job]
        try take(tensor, segment: number, &words, &encoder)
        if isLast(tensor) { try finish(tensor) }
      }
    }
  }

  private func take(
    _ tensor: Int,
    segment number: Int,
    _ words: inout WordBuffer,
    _ encoder: inout SegmentEncoder
  ) throws {
    let layout = mask.reader.layout.tensors[tensor]
    let range = SegmentGrid.range(number, positions: layout.shape.count)
    let inside = range.clamped(to: 0..<mask.domain[tensor].compared)
    let count = try mask.reader.read(tensor: tensor, segment: number, into: &words)
    words.clear(from: inside.count)
    let segment = encoder.encode(words, positions: range.count)
    guard segment.count == count else { throw MadeMaskError.outside(layout, count - segment.count) }
    tallies[tensor].add(
      words,
      range: inside,
      number: number,
      digest: SegmentDigest(count: segment.count, checksum: segment.checksum),
      exponents: [UInt64](repeating: 0, count: 256)
    )
    try sink.take(
      segment,
      of: MaskIndex(subject: 0, choice: 0),
      ordinal: tensor,
      number: number
    )
    advance(range.count / 8)
  }

  private func isLast(_ tensor: Int) -> Bool {
    open.withLock { open in
      open[tensor] -= 1
      return open[tensor] == 0
    }
  }

  private func finish(_ tensor: Int) throws {
    let (counted, digests) = tallies[tensor].finish()
    results.withLock { results in
      results.counts[tensor] = counted.count
      results.digest.note(digests, ofTensor: tensor)
    }
    try sink.take(
      MaskTensorRecord(mask.domain[tensor], ordinal: tensor, counted.withoutBinades),
      of: MaskIndex(subject: 0, choice: 0),
      exponentTotals: nil
    )
  }
}

extension MaskTensorRecord {
  fileprivate init(_ domain: TensorDomain, ordinal: Int, _ marginals: TensorMarginals) {
    self.init(
      ordinal: ordinal,
      compared: domain.compared,
      reason: domain.reason,
      baseType: domain.baseType,
      tunedType: domain.tunedType,
      marginals: marginals
    )
  }
}

extension TensorMarginals {
  /// The counts, as they are where nobody gives the base's values.
  fileprivate var withoutBinades: TensorMarginals {
    TensorMarginals(count: count, rows: rows, columns: columns, exponents: nil)
  }
}
