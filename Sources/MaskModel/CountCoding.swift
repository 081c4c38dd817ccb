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
    unsafe writer.append(packed(counts, least: least, width: width).span.bytes)
    return writer.bytes
  }

  /// `width` bits a count above the least, and zero bits to the end of the last byte.
  private static func packed(_ counts: [UInt32], least: UInt32, width: Int) -> [UInt8] {
    let size = (counts.count * width + 7) / 8
    return unsafe [UInt8](unsafeUninitializedCapacity: size + 8) { out, done in
      let bytes = UnsafeMutableRawBufferPointer(out)
      var (pending, bits, place) = (UInt64(0), 0, 0)
      for count in counts {
        pending |= UInt64(count - least) << UInt64(bits)
        bits += width
        guard bits >= 32 else { continue }
        let word = UInt32(truncatingIfNeeded: pending).littleEndian
        unsafe bytes.storeBytes(of: word, toByteOffset: place, as: UInt32.self)
        place += 4
        pending >>= 32
        bits -= 32
      }
      unsafe bytes.storeBytes(of: pending.littleEndian, toByteOffset: place, as: UInt64.self)
      done = size
    }
  }

  /// The counts of `bytes`, which must be `expected` in number, at most `TensorMarginals.limit`.
  ///
  /// - Throws: `FormatError` where the bytes are not such an encoding.
  public static func decode(_ bytes: [UInt8], expected: Int) throws(FormatError) -> [UInt32] {
    var reader = ByteReader(bytes.span)
    guard expected <= TensorMarginals.limit, try reader.varint() == UInt64(expected) else {
      throw FormatError(.numberOutOfRange, at: reader.offset)
    }
    let least = try reader.varint()
    let width = Int(try reader.read(UInt8.self))
    guard width <= 32, least <= UInt64(UInt32.max) else {
      throw FormatError(.numberOutOfRange, at: reader.offset)
    }
    let packed = try reader.bytes((expected * width + 7) / 8)
    try reader.finish()
    guard let counts = unpack(packed, count: expected, width: width, least: least) else {
      throw FormatError(.numberOutOfRange, at: reader.offset)
    }
    return counts
  }

  /// Nil where a count does not fit 32 bits.
  private static func unpack(
    _ packed: RawSpan,
    count: Int,
    width: Int,
    least: UInt64
  ) -> [UInt32]? {
    let mask: UInt64 = (1 << UInt64(width)) - 1
    var excess: UInt64 = 0
    let counts = unsafe [UInt32](unsafeUninitializedCapacity: count) { out, done in
      for index in 0..<count {
        let bit = index * width
        // At most 32 + 7 bits are wanted.
        let value = least + (word(of: packed, at: bit / 8) >> UInt64(bit % 8)) & mask
        excess |= value >> 32
        unsafe out.initializeElement(at: index, to: UInt32(truncatingIfNeeded: value))
      }
      done = count
    }
    return excess == 0 ? counts : nil
  }

  /// Eight bytes from `offset` on, zeros after the last.
  private static func word(of bytes: RawSpan, at offset: Int) -> UInt64 {
    if offset + 8 <= bytes.byteCount {
      let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      return UInt64(littleEndian: word)
    }
    var word: UInt64 = 0
    for index in offset..<max(bytes.byteCount, offset) {
      let byte = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt8.self)
      word |= UInt64(byte) << UInt64(8 * (index - offset))
    }
    return word
  }
}
