/// What decides how the positions of a container are written: how many there are, in how many runs.
package struct RoaringShape: Sendable, Hashable {
  /// The positions.
  package let cardinality: Int
  /// The maximal runs of consecutive positions.
  package let runs: Int

  /// A shape from its numbers.
  package init(cardinality: Int, runs: Int) {
    self.cardinality = cardinality
    self.runs = runs
  }

  /// The shape of the positions set in `words`.
  package init(of words: Span<UInt64>) {
    var (cardinality, runs) = (0, 0)
    var carry: UInt64 = 0
    for index in words.indices {
      let word = words[index]
      cardinality += word.nonzeroBitCount
      runs += (word & ~(word << 1 | carry)).nonzeroBitCount
      carry = word >> 63
    }
    self.init(cardinality: cardinality, runs: runs)
  }

  /// The kind that takes the fewest bytes; an array or bitset where runs take as many.
  ///
  /// So chooses `roaring_bitmap_run_optimize` of CRoaring 5 for a bitmap to which values were added
  /// one by one. Two others that choose runs where they take as many bytes: CRoaring 0.2 against
  /// arrays, and any version for a bitmap that was made of ranges.
  package var kind: RoaringContainer.Kind {
    let plain = cardinality > RoaringFormat.arrayLimit ? RoaringContainer.Kind.bitset : .array
    return byteCount(as: .run) < byteCount(as: plain) ? .run : plain
  }

  /// The bytes of the payload.
  package var byteCount: Int { byteCount(as: kind) }

  /// The bytes of the payload of a container of `kind`.
  func byteCount(as kind: RoaringContainer.Kind) -> Int {
    switch kind {
    case .array: cardinality * 2
    case .bitset: RoaringFormat.bitsetBytes
    case .run: 2 + runs * 4
    }
  }
}
