extension RoaringBitmap {
  /// The set whose positions are the bits of `words`: bit i of word j is position 64 j + i.
  public init(words: Span<UInt64>) {
    self.init()
    insert(words: words, from: 0)
  }

  /// Inserts the bits of `words`, the first of which stands for position `base`.
  public mutating func insert(words: Span<UInt64>, from base: UInt32) {
    var positions: [UInt32] = []
    for index in words.indices {
      var rest = words[index]
      while rest != 0 {
        positions.append(base + UInt32(index << 6 + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
      if positions.count >= RoaringFormat.containerLength {
        insert(positions.span)
        positions.removeAll(keepingCapacity: true)
      }
    }
    insert(positions.span)
  }
}
