/// The Adler-32 checksum that ends a zlib stream, of RFC 1950.
public enum Adler32 {
  /// The checksum of `bytes`.
  public static func of(_ bytes: [UInt8]) -> UInt32 {
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      low = (low + UInt32(byte)) % modulus
      high = (high + low) % modulus
    }
    return high << 16 | low
  }

  private static let modulus: UInt32 = 65521
}
