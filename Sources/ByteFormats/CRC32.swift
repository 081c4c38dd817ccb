internal import CZlib

/// The CRC-32 of zip and PNG: polynomial 0x04C11DB7, reflected, of ISO 3309, as zlib computes it.
public struct CRC32: Sendable {
  /// The checksum of what was added.
  public private(set) var value: UInt32 = 0

  /// The checksum of nothing.
  public init() {}

  /// The checksum of `bytes`.
  public static func of(_ bytes: [UInt8]) -> UInt32 {
    var sum = CRC32()
    sum.update(unsafe bytes.span.bytes)
    return sum.value
  }

  /// Adds `bytes`.
  public mutating func update(_ bytes: RawSpan) {
    value = unsafe bytes.withUnsafeBytes { bytes in
      // zlib answers no address with the checksum of nothing, whatever came before.
      guard let start = bytes.baseAddress else { return value }
      let sum = unsafe crc32_z(
        uLong(value),
        start.assumingMemoryBound(to: UInt8.self),
        bytes.count
      )
      return UInt32(truncatingIfNeeded: sum)
    }
  }
}
