extension RoaringContainer {
  /// Sets the container's positions in `words`, which are zero.
  ///
  /// - Parameters:
  ///   - bytes: those of the payload, validated.
  ///   - words: the words to write to.
  ///   - first: the word of the container's first position.
  package func decode(_ bytes: RawSpan, into words: inout MutableSpan<UInt64>, at first: Int) {
    switch kind {
    case .array: decodeArray(bytes, into: &words, at: first)
    case .bitset: decodeBitset(bytes, into: &words, at: first)
    case .run: decodeRuns(bytes, into: &words, at: first)
    }
  }

  private func decodeArray(_ bytes: RawSpan, into words: inout MutableSpan<UInt64>, at first: Int) {
    for offset in stride(from: 0, to: bytes.byteCount, by: 2) {
      let value = Int(bytes.littleEndian(UInt16.self, at: offset))
      words[first + (value >> 6)] |= 1 << UInt64(value & 63)
    }
  }

  private func decodeBitset(_ bytes: RawSpan, into words: inout MutableSpan<UInt64>, at first: Int)
  {
    for index in 0..<RoaringFormat.containerWords {
      words[first + index] = bytes.littleEndian(UInt64.self, at: index * 8)
    }
  }

  private func decodeRuns(_ bytes: RawSpan, into words: inout MutableSpan<UInt64>, at first: Int) {
    for offset in stride(from: 2, to: bytes.byteCount, by: 4) {
      let start = first << 6 + Int(bytes.littleEndian(UInt16.self, at: offset))
      let length = Int(bytes.littleEndian(UInt16.self, at: offset + 2)) + 1
      setBits(start..<start + length, in: &words)
    }
  }
}

/// Sets the bits of `range`, which is not empty.
private func setBits(_ range: Range<Int>, in words: inout MutableSpan<UInt64>) {
  let (first, last) = (range.lowerBound >> 6, (range.upperBound - 1) >> 6)
  let head = UInt64.max << UInt64(range.lowerBound & 63)
  let tail = UInt64.max >> UInt64(63 - (range.upperBound - 1) & 63)
  guard first < last else {
    words[first] |= head & tail
    return
  }
  words[first] |= head
  for index in first + 1..<last { words[index] = .max }
  words[last] |= tail
}
