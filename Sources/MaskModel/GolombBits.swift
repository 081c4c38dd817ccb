internal import ByteFormats

/// Bits as the gaps before the set ones, and the one before the end, in Golomb's code.
enum GolombBits {
  /// LEB128 divisor, then the numbers; nil where they take `limit` bytes or more.
  ///
  /// `count` of the `positions` bits are set, fewer than all.
  static func bytes(
    of words: UnsafeBufferPointer<UInt64>,
    count: Int,
    positions: Int,
    below limit: Int
  ) -> [UInt8]? {
    let code = GolombCode(count: count, sum: positions - count)
    var head = ByteWriter()
    head.append(varint: UInt64(code.divisor))
    var numbers = GolombWriter(code)
    var start = 0
    for index in words.indices {
      var word = unsafe words[index]
      while word != 0 {
        let position = index * 64 + word.trailingZeroBitCount
        numbers.append(position - start)
        start = position + 1
        word &= word - 1
      }
      guard head.count + numbers.byteCount < limit else { return nil }
    }
    numbers.append(positions - start)
    return head.count + numbers.byteCount < limit ? head.bytes + numbers.bytes : nil
  }

  /// Sets the bits of `bytes` in `words`, which are zero; false where the bytes are damaged.
  static func fill(
    _ words: UnsafeMutableBufferPointer<UInt64>,
    positions: Int,
    from bytes: UnsafeRawBufferPointer
  ) -> Bool {
    var parts = unsafe PackedParts(bytes)
    guard let code = unsafe parts.number().flatMap({ GolombCode(divisor: $0) }) else {
      return false
    }
    var reader = unsafe GolombReader(parts.rest, code)
    var start = 0
    while let gap = unsafe reader.next(upTo: positions - start) {
      let position = start + gap
      if position == positions { return unsafe reader.isAtEnd }
      unsafe words[position / 64] |= 1 << UInt64(position % 64)
      start = position + 1
    }
    return false
  }
}
