import TestSupport
import MaskModel
import Synchronization

/// A mask in plain words, which counts how often it is read.
final class PlainMask: MaskReader {
  let layout: ModelLayout
  private let words: [[UInt64]]
  private let counts: [Int]
  let reads = Atomic(0)
  /// The tensor whose segments cannot be read.
  let broken: Int?

  struct Unreadable: Error {}

  /// A random mask with a share of about `density` of the positions of every tensor; below 0 means
  /// none, above 1 all.
  init(_ layout: ModelLayout, density: [Double], seed: UInt64, broken: Int? = nil) {
    self.layout = layout
    self.broken = broken
    var generator = SeededGenerator(seed: seed)
    words = zip(layout.tensors, density).map { tensor, density in
      randomWords(tensor.shape.count, density: density, using: &generator)
    }
    counts = words.map { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
  }

  func count(tensor: Int) -> Int { counts[tensor] }

  func read(
    tensor: Int,
    segment index: Int,
    into buffer: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    reads.add(1, ordering: .relaxed)
    if tensor == broken { throw Unreadable() }
    let range = SegmentGrid.range(index, positions: layout.tensors[tensor].shape.count)
    let first = range.lowerBound / 64
    let source = words[tensor][first..<first + SegmentGrid.words(for: range.count)]
    buffer.clear(words: SegmentGrid.words)
    var target = buffer.mutableSpan
    var count = 0
    for (place, word) in source.enumerated() {
      target[place] = word
      count += word.nonzeroBitCount
    }
    return count
  }

  /// What the counter must find, one intersection a tensor.
  func intersections(with other: PlainMask) -> [Int] {
    zip(words, other.words).map { zip($0, $1).reduce(0) { $0 + ($1.0 & $1.1).nonzeroBitCount } }
  }
}

private func randomWords(
  _ positions: Int,
  density: Double,
  using generator: inout SeededGenerator
) -> [UInt64] {
  (0..<SegmentGrid.words(for: positions)).map { place in
    let bits = min(64, positions - place * 64)
    let valid = bits == 64 ? UInt64.max : (1 << UInt64(bits)) - 1
    // Cheap enough for a debug build: densities are multiples of a quarter.
    if density > 1 { return valid }
    if density <= 0 { return 0 }
    let word = generator.next()
    return valid & (density < 0.4 ? word & generator.next() : word)
  }
}
