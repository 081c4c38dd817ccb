public import ByteFormats

/// Counts as bytes: each as its distance from their mean, in Golomb's code.
///
/// LEB128 number of counts, LEB128 mean, LEB128 divisor, then 2 (count - mean), or 2 (mean - count) - 1
/// of lesser ones. Divisor 0 stands for counts that all are the mean. Schemas/segment.md specifies it.
public enum CountCoding {
  /// The bytes of `counts`.
  public static func encode(_ counts: [UInt32]) -> [UInt8] {
    let mean = mean(of: counts)
    let sum = counts.reduce(0) { $0 + folded(Int($1) - mean) }
    var writer = ByteWriter()
    writer.append(varint: UInt64(counts.count))
    writer.append(varint: UInt64(mean))
    guard sum > 0 else {
      writer.append(varint: 0)
      return writer.bytes
    }
    let code = GolombCode(count: counts.count, sum: sum)
    writer.append(varint: UInt64(code.divisor))
    var numbers = GolombWriter(code)
    for count in counts { numbers.append(folded(Int(count) - mean)) }
    return writer.bytes + numbers.bytes
  }

  /// The counts of `bytes`, which must be `expected` in number, at most `TensorMarginals.limit`.
  ///
  /// - Throws: `FormatError` where the bytes are not such an encoding.
  public static func decode(_ bytes: [UInt8], expected: Int) throws(FormatError) -> [UInt32] {
    var reader = ByteReader(bytes.span)
    guard expected <= TensorMarginals.limit, try reader.varint() == UInt64(expected) else {
      throw FormatError(.numberOutOfRange, at: reader.offset)
    }
    guard let mean = UInt32(exactly: try reader.varint()),
      let divisor = Int(exactly: try reader.varint())
    else { throw FormatError(.numberOutOfRange, at: reader.offset) }
    if divisor == 0 {
      try reader.finish()
      return [UInt32](repeating: mean, count: expected)
    }
    let start = reader.offset
    let counts = unsafe bytes.withUnsafeBytes { bytes in
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
      return GolombCode(divisor: divisor).flatMap { code in
        unsafe decode(rest, code, around: Int(mean), number: expected)
      }
    }
    guard let counts else { throw FormatError(.numberOutOfRange, at: start) }
    return counts
  }

  /// Nil where the bytes end early or late, or a count does not fit 32 bits.
  private static func decode(
    _ bytes: UnsafeRawBufferPointer,
    _ code: GolombCode,
    around mean: Int,
    number: Int
  ) -> [UInt32]? {
    // Each takes a bit at least.
    guard number <= bytes.count * 8 else { return nil }
    var reader = unsafe GolombReader(bytes, code)
    var counts: [UInt32] = []
    counts.reserveCapacity(number)
    for _ in 0..<number {
      guard let number = unsafe reader.next(upTo: folded(Int(UInt32.max))),
        let count = UInt32(exactly: mean + unfolded(number))
      else { return nil }
      counts.append(count)
    }
    return unsafe reader.isAtEnd ? counts : nil
  }

  /// The nearest whole number, so that counts on both sides of it are near.
  private static func mean(of counts: [UInt32]) -> Int {
    let sum = counts.reduce(0) { $0 + Int($1) }
    return counts.isEmpty ? 0 : (2 * sum + counts.count) / (2 * counts.count)
  }

  /// 0, -1, 1, -2, 2 as 0, 1, 2, 3, 4.
  private static func folded(_ distance: Int) -> Int {
    distance < 0 ? -2 * distance - 1 : 2 * distance
  }

  private static func unfolded(_ number: Int) -> Int {
    number & 1 == 0 ? number / 2 : -(number + 1) / 2
  }
}
