internal import MaskModel

/// The 32-bit bitmap of the positions that share their upper 32 bits.
struct RoaringBucket: Sendable, Hashable {
  /// The upper 32 bits.
  let high: UInt32
  /// Its containers, with their place in the bitmap.
  let layout: RoaringLayout
}

/// Gathers the shapes of a tensor's containers, segment by segment, into the layouts of its bitmaps.
struct RoaringScan {
  private var buckets: [RoaringBucket] = []
  private var high: UInt32 = 0
  private var shapes: [(key: UInt16, shape: RoaringShape)] = []

  /// Adds segment `index`, the segments in rising order.
  ///
  /// - Parameters:
  ///   - index: the segment.
  ///   - count: its set bits.
  ///   - positions: its positions.
  ///   - words: its words.
  mutating func add(segment index: Int, count: Int, positions: Int, words: Span<UInt64>) {
    guard count > 0 else { return }
    enter(UInt32(index / RoaringWidth.segmentsOfBitmap))
    let first = index % RoaringWidth.segmentsOfBitmap * Self.containersOfSegment
    for container in 0..<Self.containersOfSegment {
      let rest = positions - container * RoaringFormat.containerLength
      guard rest > 0 else { break }
      let shape = count == positions ? .full(rest) : shape(of: container, in: words)
      if shape.cardinality > 0 { shapes.append((UInt16(first + container), shape)) }
    }
  }

  /// The bitmaps that are not empty, upper bits rising.
  consuming func finish() -> [RoaringBucket] {
    close()
    return buckets
  }

  private static let containersOfSegment = SegmentGrid.length / RoaringFormat.containerLength

  private func shape(of container: Int, in words: Span<UInt64>) -> RoaringShape {
    let start = container * RoaringFormat.containerWords
    return RoaringShape(of: words.extracting(start..<start + RoaringFormat.containerWords))
  }

  private mutating func enter(_ high: UInt32) {
    if high != self.high { close() }
    self.high = high
  }

  private mutating func close() {
    guard !shapes.isEmpty else { return }
    buckets.append(RoaringBucket(high: high, layout: RoaringLayout(placing: shapes)))
    shapes = []
  }
}

extension RoaringShape {
  /// The shape of a container of which the first `rest` positions, or all, are set.
  fileprivate static func full(_ rest: Int) -> RoaringShape {
    RoaringShape(cardinality: min(rest, RoaringFormat.containerLength), runs: 1)
  }
}
