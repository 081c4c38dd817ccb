/// Compresses bytes into a zlib stream (RFC 1950) of one deflate block with the fixed codes of RFC
/// 1951.
///
/// Repetitions are found at the last place where three bytes stood, which suits drawings: few
/// colours, long runs.
public enum Deflate {
  /// The zlib stream of `bytes`.
  public static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var writer = DeflateWriter()
    writer.compress(bytes)
    return [0x78, 0x01] + writer.finished() + bigEndian(Adler32.of(bytes))
  }

  /// `value`, the most significant byte first.
  static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}

/// Gathers the bits of one block.
private struct DeflateWriter {
  private var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var pendingCount = 0

  /// Begins the last block, of fixed codes.
  init() { append(0b011, bits: 3) }

  mutating func compress(_ input: [UInt8]) {
    var last = [Int](repeating: -1, count: 1 << Self.hashBits)
    var place = 0
    while place < input.count {
      guard place + Self.least <= input.count else {
        appendLiteral(Int(input[place]))
        place += 1
        continue
      }
      let hash = Self.hash(input, place)
      let length = Self.match(input, last[hash], place)
      if length >= Self.least {
        appendCopy(length: length, distance: place - last[hash])
      } else {
        appendLiteral(Int(input[place]))
      }
      last[hash] = place
      place += max(length, 1)
    }
    appendLiteral(256)
  }

  /// The bytes, the last one filled with zeros.
  mutating func finished() -> [UInt8] {
    append(0, bits: 7)
    return bytes
  }

  private static let least = 3
  private static let longest = 258
  private static let window = 32768
  private static let hashBits = 15

  private static func hash(_ input: [UInt8], _ place: Int) -> Int {
    let three =
      UInt32(input[place]) | UInt32(input[place + 1]) << 8 | UInt32(input[place + 2]) << 16
    return Int((three &* 0x9E37_79B1) >> (32 - UInt32(hashBits)))
  }

  /// How many bytes at `place` repeat those at `earlier`; 0 where they are too few.
  private static func match(_ input: [UInt8], _ earlier: Int, _ place: Int) -> Int {
    guard earlier >= 0, place - earlier <= window else { return 0 }
    let limit = min(longest, input.count - place)
    var length = 0
    while length < limit, input[earlier + length] == input[place + length] { length += 1 }
    return length < least ? 0 : length
  }
}

extension DeflateWriter {
  private mutating func append(_ value: Int, bits: Int) {
    pending |= UInt64(value) << UInt64(pendingCount)
    pendingCount += bits
    while pendingCount >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      pendingCount -= 8
    }
  }

  /// Appends a Huffman code, which is written from its most significant bit.
  private mutating func appendCode(_ code: Int, bits: Int) {
    let turned = (0..<bits).reduce(0) { $0 | (code >> $1 & 1) << (bits - 1 - $1) }
    append(turned, bits: bits)
  }

  /// Appends a byte, the end 256, or a length from 257 on.
  private mutating func appendLiteral(_ symbol: Int) {
    switch symbol {
    case ..<144: appendCode(0x30 + symbol, bits: 8)
    case ..<256: appendCode(0x190 + symbol - 144, bits: 9)
    case ..<280: appendCode(symbol - 256, bits: 7)
    default: appendCode(0xC0 + symbol - 280, bits: 8)
    }
  }

  private mutating func appendCopy(length: Int, distance: Int) {
    let size = Self.lengths.lastIndex { $0 <= length } ?? 0
    appendLiteral(257 + size)
    append(length - Self.lengths[size], bits: Self.lengthBits(size))
    let reach = Self.distances.lastIndex { $0 <= distance } ?? 0
    appendCode(reach, bits: 5)
    append(distance - Self.distances[reach], bits: max(reach / 2 - 1, 0))
  }

  /// The least length of each length symbol.
  private static let lengths = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
  ]

  private static func lengthBits(_ symbol: Int) -> Int {
    symbol < 4 || symbol == 28 ? 0 : symbol / 4 - 1
  }

  /// The least distance of each distance symbol.
  private static let distances = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
    3073, 4097, 6145, 8193, 12289, 16385, 24577,
  ]
}
