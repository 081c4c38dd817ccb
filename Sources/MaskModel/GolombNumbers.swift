internal import Foundation

/// Numbers in Golomb's code, which needs no table: g as g div m zero bits, a set bit, then g mod m in
/// as few bits as m allows, the low bit of a byte first.
///
/// For numbers that fall off like the gaps between independent bits no code of whole bits is
/// shorter, given the right divisor m (Gallager and Van Voorhis 1975). Schemas/segment.md specifies it.
struct GolombCode: Sendable, Hashable {
  /// m.
  let divisor: Int
  /// The bits of m - 1; so many, or one fewer, hold a remainder.
  fileprivate let width: Int
  /// The remainders that take one bit fewer.
  fileprivate let short: Int

  /// The greatest divisor: a number of a segment is no greater.
  static let limit = SegmentGrid.length

  /// The code of `divisor`; nil where it is not in 1...`limit`.
  init?(divisor: Int) {
    guard (1...Self.limit).contains(divisor) else { return nil }
    self.init(checked: divisor)
  }

  /// The code for `count` numbers that add up to `sum`.
  init(count: Int, sum: Int) {
    let p = Double(max(count, 1)) / Double(max(count, 1) + sum)
    let divisor = p < 1 ? (-log2(2 - p) / log2(1 - p)).rounded(.up) : 1
    self.init(checked: Int(min(max(divisor, 1), Double(Self.limit))))
  }

  private init(checked divisor: Int) {
    self.divisor = divisor
    width = Int.bitWidth - (divisor - 1).leadingZeroBitCount
    short = (1 << width) - divisor
  }
}

/// Writes numbers one behind the other.
struct GolombWriter: Sendable {
  private let code: GolombCode
  private var words: [UInt64] = []
  private var pending: UInt64 = 0
  /// The bits of `pending`, fewer than 64.
  private var count = 0

  init(_ code: GolombCode) { self.code = code }

  mutating func append(_ number: Int) {
    let (zeros, rest) = number.quotientAndRemainder(dividingBy: code.divisor)
    for _ in 0..<zeros / 32 { append(0, bits: 32) }
    let unary = zeros % 32
    var (bits, length) = (UInt64(1) << UInt64(unary), unary + 1)
    if code.width > 0 {
      if rest < code.short {
        bits |= UInt64(rest) << UInt64(length)
        length += code.width - 1
      } else {
        let long = rest + code.short
        bits |= UInt64(long >> 1 | (long & 1) << (code.width - 1)) << UInt64(length)
        length += code.width
      }
    }
    append(bits, bits: length)
  }

  /// At most 54: 32 of what tells the quotient, 22 of a remainder.
  private mutating func append(_ bits: UInt64, bits number: Int) {
    pending |= bits << UInt64(count)
    count += number
    guard count >= 64 else { return }
    words.append(pending)
    count -= 64
    pending = bits >> UInt64(number - count)
  }

  /// The bytes that the numbers take until now.
  var byteCount: Int { words.count * 8 + (count + 7) / 8 }

  /// The bytes of the numbers, the last filled with zero bits.
  var bytes: [UInt8] {
    let all = words.map(\.littleEndian) + [pending.littleEndian]
    return unsafe all.withUnsafeBytes { unsafe [UInt8]($0.prefix(byteCount)) }
  }
}

/// Reads numbers; any bytes are safe.
@unsafe
struct GolombReader {
  private let code: GolombCode
  private let bytes: UnsafeRawBufferPointer
  /// The next bit.
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer, _ code: GolombCode) {
    unsafe self.bytes = bytes
    unsafe self.code = code
  }

  /// The next number; nil where it is more than `limit` or the bytes have ended.
  mutating func next(upTo limit: Int) -> Int? {
    var (zeros, word) = (0, unsafe word())
    while word == 0 {
      // So many of its bits are of the bytes, wherever in a byte it begins.
      zeros += 57
      unsafe place += 57
      guard unsafe place < bytes.count * 8, zeros <= limit else { return nil }
      word = unsafe self.word()
    }
    let more = word.trailingZeroBitCount
    zeros += more
    unsafe place += more + 1
    let number = unsafe zeros * code.divisor + remainder()
    return number <= limit ? number : nil
  }

  private mutating func remainder() -> Int {
    let width = unsafe code.width
    guard width > 0 else { return 0 }
    let word = unsafe Int(truncatingIfNeeded: word() & 0xFF_FFFF)
    let high = word & ((1 << (width - 1)) - 1)
    guard unsafe high >= code.short else {
      unsafe place += width - 1
      return high
    }
    unsafe place += width
    return unsafe 2 * high + (word >> (width - 1) & 1) - code.short
  }

  /// Whether all was read: what is left is zero bits that fill the last byte.
  var isAtEnd: Bool {
    let left = unsafe bytes.count * 8 - place
    return unsafe (0..<8).contains(left) && word() == 0
  }

  /// At least the next 57 bits, zeros after the last.
  private func word() -> UInt64 {
    let first = unsafe place / 8
    let bit = unsafe UInt64(place % 8)
    if unsafe first + 8 <= bytes.count {
      return unsafe UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: first, as: UInt64.self)
      )
        >> bit
    }
    var word: UInt64 = 0
    for index in unsafe first..<max(bytes.count, first) {
      word |= unsafe UInt64(bytes[index]) << UInt64(8 * (index - first))
    }
    return word >> bit
  }
}
