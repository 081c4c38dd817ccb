internal import ByteFormats

/// The bits of a segment as words and as the bytes that are stored and digested.
///
/// Words are little-endian in memory on every platform that maskdb supports, so the raw bytes of a
/// segment are the memory of its words, cut after the last position.
enum SegmentBits {
  /// The leading (positions + 7) / 8 bytes of `words`.
  static func bytes(
    of words: UnsafeBufferPointer<UInt64>,
    positions: Int
  ) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(
      rebasing: UnsafeRawBufferPointer(words)[..<((positions + 7) / 8)]
    )
  }

  /// The low 64 bits of the XXH3-128 of `bytes`.
  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    unsafe ContentDigest(of: bytes.bytes).low
  }

  /// The bits that `words` lacks among its first `positions`.
  static func complement(
    _ words: UnsafeBufferPointer<UInt64>,
    into target: UnsafeMutableBufferPointer<UInt64>,
    positions: Int
  ) {
    let count = SegmentGrid.words(for: positions)
    for index in 0..<count { unsafe target[index] = ~words[index] }
    let rest = positions % 64
    if rest > 0 { unsafe target[count - 1] &= (1 << UInt64(rest)) - 1 }
  }
}
