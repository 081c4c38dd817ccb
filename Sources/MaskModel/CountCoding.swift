public import ByteFormats

/// Counts as bytes: each as its distance from the least, in as many bits as the greatest needs.
///
/// LEB128 number of counts, LEB128 least count, one byte width w <= 32, then w bits a count, the low
/// bit first, zero bits to the end of the last byte. Schemas/segment.md specifies it.
public enum CountCoding {
  /// The bytes of `counts`.
  public static func encode(_ counts: [UInt32]) -> [UInt8] {
    let least = counts.min() ?? 0
    let width = UInt32.bitWidth - ((counts.max() ?? 0) - least).leadingZeroBitCount
    var writer = ByteWriter(capacity: 12 + (counts.count * width + 7) / 8)
    writer.append(varint: UInt64(counts.count))
    writer.append(varint: UInt64(least))
    writer.append(UInt8(width))
    var (pending, bits) = (UInt64(0), 0)
    for count in counts {
      pending |= UInt64(count - least) << UInt64(bits)
      bits += width
      while bits >= 8 {
        writer.append(UInt8(truncatingIfNeeded: pending))
        pending >>= 8
        bits -= 8
      }
    }
    if bits > 0 { writer.append(UInt8(truncatingIfNeeded: pending)) }
    return writer.bytes
  }

  /// The counts of `bytes`, which must be `expected` in number.
  ///
  /// - Throws: `FormatError` where the bytes are not such an encoding.
  public static func decode(_ bytes: [UInt8], expected: Int) throws(FormatError) -> [UInt32] {
    var reader = ByteReader(bytes.span)
    guard try reader.varint() == UInt64(expected) else {
      throw FormatError(.numberOutOfRange, at: reader.offset)
    }
    let least = try reader.varint()
    let width = Int(try reader.read(UInt8.self))
    guard width <= 32, least <= UInt64(UInt32.max) else {
      throw FormatError(.numberOutOfRange, at: reader.offset)
    }
    return try unpack(&reader, count: expected, width: width, least: least)
  }

  @_lifetime(reader: copy reader)
  private static func unpack(
    _ reader: inout ByteReader,
    count: Int,
    width: Int,
    least: UInt64
  ) throws(FormatError) -> [UInt32] {
    var counts: [UInt32] = []
    counts.reserveCapacity(count)
    var (pending, bits) = (UInt64(0), 0)
    for _ in 0..<count {
      while bits < width {
        pending |= UInt64(try reader.read(UInt8.self)) << UInt64(bits)
        bits += 8
      }
      let value = least + pending & ((1 << UInt64(width)) - 1)
      guard let count = UInt32(exactly: value) else {
        throw FormatError(.numberOutOfRange, at: reader.offset)
      }
      counts.append(count)
      pending >>= UInt64(width)
      bits -= width
    }
    try reader.finish()
    return counts
  }
}
