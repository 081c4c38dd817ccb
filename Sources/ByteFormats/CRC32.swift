/// The CRC-32 of zip and PNG: polynomial 0x04C11DB7, reflected, of ISO 3309.
///
/// Eight bytes a step, by the tables of "slicing by 8" (Kounavis and Berry, 2005).
public struct CRC32: Sendable {
  private var state: UInt32 = 0xFFFF_FFFF

  /// The checksum of nothing.
  public init() {}

  /// The checksum of what was added.
  public var value: UInt32 { ~state }

  /// The checksum of `bytes`.
  public static func of(_ bytes: [UInt8]) -> UInt32 {
    var sum = CRC32()
    sum.update(unsafe bytes.span.bytes)
    return sum.value
  }

  /// Adds `bytes`.
  public mutating func update(_ bytes: RawSpan) {
    let tables = Self.tables.span
    var sum = state
    var place = 0
    while place + 8 <= bytes.byteCount {
      let word = UInt64(
        littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
      )
      let mixed = word ^ UInt64(sum)
      sum = 0
      for lane in 0..<8 {
        let byte = UInt8(truncatingIfNeeded: mixed >> UInt64(8 * lane))
        sum ^= tables[(7 - lane) << 8 | Int(byte)]
      }
      place += 8
    }
    for offset in place..<bytes.byteCount {
      let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      sum = tables[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8)
    }
    state = sum
  }

  /// What a byte adds to the checksum.
  private static func remainder(_ byte: Int) -> UInt32 {
    var rest = UInt32(byte)
    for _ in 0..<8 { rest = rest & 1 == 1 ? 0xEDB8_8320 ^ (rest >> 1) : rest >> 1 }
    return rest
  }

  /// Eight tables of 256: the n-th is for a byte that n further bytes follow.
  private static let tables: [UInt32] = {
    var tables: [UInt32] = (0..<256).map(remainder)
    for index in 256..<2048 {
      let before = tables[index - 256]
      tables.append(tables[Int(before & 0xFF)] ^ (before >> 8))
    }
    return tables
  }()
}
