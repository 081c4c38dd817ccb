extension RoaringContainer.Kind {
  /// Writes the positions set in `words` as the payload of a container of this kind.
  ///
  /// - Parameters:
  ///   - words: the container's words.
  ///   - output: where to, at least as long as the payload.
  /// - Returns: the bytes written.
  package func encode(_ words: Span<UInt64>, into output: inout MutableRawSpan) -> Int {
    switch self {
    case .array: encodeArray(words, into: &output)
    case .bitset: encodeBitset(words, into: &output)
    case .run: encodeRuns(words, into: &output)
    }
  }

  private func encodeArray(_ words: Span<UInt64>, into output: inout MutableRawSpan) -> Int {
    var offset = 0
    for index in words.indices {
      var rest = words[index]
      while rest != 0 {
        output.store(UInt16(index << 6 + rest.trailingZeroBitCount), at: offset)
        offset += 2
        rest &= rest - 1
      }
    }
    return offset
  }

  private func encodeBitset(_ words: Span<UInt64>, into output: inout MutableRawSpan) -> Int {
    for index in words.indices { output.store(words[index], at: index * 8) }
    return words.count * 8
  }

  /// A bit that differs from the one before it begins a run or ends one, in turn.
  private func encodeRuns(_ words: Span<UInt64>, into output: inout MutableRawSpan) -> Int {
    var runs = RunWriter()
    var carry: UInt64 = 0
    for index in words.indices {
      let word = words[index]
      var edges = word ^ (word << 1 | carry)
      carry = word >> 63
      while edges != 0 {
        runs.turn(at: index << 6 + edges.trailingZeroBitCount, &output)
        edges &= edges - 1
      }
    }
    return runs.finish(at: words.count * 64, &output)
  }
}

/// Writes runs from the positions where they begin and end.
private struct RunWriter {
  private var offset = 2
  private var start: Int?

  /// Begins a run at `position`, or ends one just before it.
  mutating func turn(at position: Int, _ output: inout MutableRawSpan) {
    guard let start else {
      start = position
      return
    }
    output.store(UInt16(start), at: offset)
    output.store(UInt16(position - 1 - start), at: offset + 2)
    offset += 4
    self.start = nil
  }

  /// Ends a run that reaches the end and writes the number of runs; gives the bytes written.
  mutating func finish(at end: Int, _ output: inout MutableRawSpan) -> Int {
    if start != nil { turn(at: end, &output) }
    output.store(UInt16(offset / 4), at: 0)
    return offset
  }
}

extension MutableRawSpan {
  /// Stores `value`, least significant byte first, at `offset`, which need not be aligned.
  fileprivate mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(
    _ value: Value,
    at offset: Int
  ) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
  }
}
