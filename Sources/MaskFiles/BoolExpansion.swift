/// Bits to bytes: a bit that is set becomes the byte 1, one that is not the byte 0.
enum BoolExpansion {
  /// Expands every bit of `range` of `words`.
  ///
  /// - Parameters:
  ///   - words: the bits.
  ///   - range: the words to expand.
  ///   - output: has eight words for each, to hold the bytes in the order of memory.
  static func expand(
    _ words: Span<UInt64>,
    in range: Range<Int>,
    into output: inout MutableSpan<UInt64>
  ) {
    var place = 0
    for index in range {
      var word = words[index]
      for _ in 0..<8 {
        output[place] = spread(word & 0xFF).littleEndian
        word >>= 8
        place += 1
      }
    }
  }

  /// The eight bits of `byte` as eight bytes, the least significant first.
  ///
  /// A copy of the byte in each place is masked to the bit of that place; adding 127 carries what is
  /// left of it to the top bit and nothing beyond.
  private static func spread(_ byte: UInt64) -> UInt64 {
    let chosen = (byte &* 0x0101_0101_0101_0101) & 0x8040_2010_0804_0201
    return (chosen &+ 0x7F7F_7F7F_7F7F_7F7F) >> 7 & 0x0101_0101_0101_0101
  }
}
