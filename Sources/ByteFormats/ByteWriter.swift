/// Gathers bytes, integers least significant byte first.
public struct ByteWriter: Sendable {
  /// What was appended.
  public private(set) var bytes: [UInt8] = []

  /// Nothing, with room for `capacity` bytes.
  public init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  /// The number of bytes appended.
  public var count: Int { bytes.count }

  /// Appends `integer`, least significant byte first.
  public mutating func append<Integer: FixedWidthInteger>(_ integer: Integer) {
    for place in 0..<Integer.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: integer >> (place * 8)))
    }
  }

  /// Appends `bytes`.
  public mutating func append(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { unsafe self.bytes.append(contentsOf: $0) }
  }

  /// Appends `bytes`.
  public mutating func append(contentsOf bytes: some Sequence<UInt8>) {
    self.bytes.append(contentsOf: bytes)
  }

  /// Replaces bytes that were appended before, from `offset` on.
  public mutating func replace(at offset: Int, with bytes: [UInt8]) {
    self.bytes.replaceSubrange(offset..<offset + bytes.count, with: bytes)
  }

  /// Appends `integer` as unsigned LEB128: seven bits a byte, the least significant first.
  public mutating func append(varint integer: UInt64) {
    var rest = integer
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
