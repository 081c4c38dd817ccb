internal import ByteFormats

/// Bits as the lengths of their runs, unset and set in turn, each LEB128; the first may be zero.
enum RunLengths {
  static func bytes(of words: UnsafeBufferPointer<UInt64>, positions: Int) -> [UInt8] {
    var writer = ByteWriter()
    var (start, last) = (0, UInt64(0))
    for index in words.indices {
      let word = unsafe words[index]
      var edges = word ^ (word << 1 | last)
      last = word >> 63
      while edges != 0 {
        let edge = index * 64 + edges.trailingZeroBitCount
        guard edge < positions else { break }  // the end of a set run is no edge
        writer.append(varint: UInt64(edge - start))
        start = edge
        edges &= edges - 1
      }
    }
    writer.append(varint: UInt64(positions - start))
    return writer.bytes
  }

  /// Sets the runs of `bytes` in `words`, which are zero; false where they are not `positions` long.
  static func fill(
    _ words: UnsafeMutableBufferPointer<UInt64>,
    positions: Int,
    from bytes: UnsafeRawBufferPointer
  ) -> Bool {
    var (start, isSet, length, shift) = (0, false, 0, 0)
    for place in bytes.indices {
      let byte = unsafe bytes[place]
      length |= Int(byte & 0x7F) << shift
      shift += 7
      guard byte < 0x80 else {
        guard shift < 28 else { return false }
        continue
      }
      guard length <= positions - start else { return false }
      if isSet { unsafe set(start..<start + length, in: words) }
      (start, isSet, length, shift) = (start + length, !isSet, 0, 0)
    }
    return start == positions && shift == 0
  }

  private static func set(
    _ range: Range<Int>,
    in words: UnsafeMutableBufferPointer<UInt64>
  ) {
    guard let last = range.last else { return }
    let head = ~UInt64(0) << UInt64(range.lowerBound % 64)
    let tail = ~UInt64(0) >> UInt64(63 - last % 64)
    let (first, end) = (range.lowerBound / 64, last / 64)
    if first == end {
      unsafe words[first] |= head & tail
      return
    }
    unsafe words[first] |= head
    for index in first + 1..<end { unsafe words[index] = ~0 }
    unsafe words[end] |= tail
  }
}
