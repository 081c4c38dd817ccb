extension RoaringContainer.Kind {
  /// Writes the positions set in `words` as the payload of a container of this kind.
  ///
  /// - Parameters:
  ///   - words: the container's words.
  ///   - output: where to; long enough for the payload.
  ///   - start: where in it the payload begins.
  /// - Returns: where the payload ends.
  package func encode(
    _ words: Span<UInt64>,
    into output: inout MutableRawSpan,
    at start: Int
  ) -> Int {
    switch self {
    case .array: encodeArray(words, into: &output, at: start)
    case .bitset: encodeBitset(words, into: &output, at: start)
    case .run: encodeRuns(words, into: &output, at: start)
    }
  }

  private func encodeArray(
    _ words: Span<UInt64>,
    into output: inout MutableRawSpan,
    at start: Int
  ) -> Int {
    var end = start
    for index in words.indices {
      var rest = words[index]
      while rest != 0 {
        let value = UInt16(truncatingIfNeeded: index << 6 | rest.trailingZeroBitCount)
        output.store(value, at: end)
        end += 2
        rest &= rest - 1
      }
    }
    return end
  }

  private func encodeBitset(
    _ words: Span<UInt64>,
    into output: inout MutableRawSpan,
    at start: Int
  ) -> Int {
    for index in words.indices { output.store(words[index], at: start + index * 8) }
    return start + words.count * 8
  }

  /// A bit that differs from the one before it begins a run or ends one, in turn.
  private func encodeRuns(
    _ words: Span<UInt64>,
    into output: inout MutableRawSpan,
    at start: Int
  ) -> Int {
    var runs = RunWriter(at: start)
    var carry: UInt64 = 0
    for index in words.indices {
      let word = words[index]
      var edges = word ^ (word << 1 | carry)
      carry = word >> 63
      while edges != 0 {
        runs.turn(at: index << 6 | edges.trailingZeroBitCount, &output)
        edges &= edges - 1
      }
    }
    return runs.finish(at: words.count * 64, &output)
  }
}

/// Writes runs from the positions where they begin and end.
private struct RunWriter {
  private let origin: Int
  private var end: Int
  private var start: Int?

  init(at origin: Int) {
    self.origin = origin
    end = origin + 2
  }

  /// Begins a run at `position`, or ends one just before it.
  mutating func turn(at position: Int, _ output: inout MutableRawSpan) {
    guard let start else {
      start = position
      return
    }
    output.store(UInt16(truncatingIfNeeded: start), at: end)
    output.store(UInt16(truncatingIfNeeded: position - 1 - start), at: end + 2)
    end += 4
    self.start = nil
  }

  /// Ends a run that reaches `position`, the end, and writes the number of runs before them.
  mutating func finish(at position: Int, _ output: inout MutableRawSpan) -> Int {
    if start != nil { turn(at: position, &output) }
    output.store(UInt16(truncatingIfNeeded: (end - origin - 2) / 4), at: origin)
    return end
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
