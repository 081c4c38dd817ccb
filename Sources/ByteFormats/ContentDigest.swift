internal import CXXHash

/// The 128-bit XXH3 digest of some content: identity of well-meant data, not a cryptographic hash.
///
/// Source: the XXH3 specification, https://github.com/Cyan4973/xxHash, 128-bit variant, seed 0.
public struct ContentDigest: Sendable, Hashable {
  /// The upper 64 bits.
  public let high: UInt64
  /// The lower 64 bits.
  public let low: UInt64

  /// A digest of known halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The digest of `bytes`, at memory speed.
  public init(of bytes: RawSpan) {
    let hash = unsafe bytes.withUnsafeBytes { unsafe cxxhash_xxh3_128($0.baseAddress, $0.count) }
    self.init(high: hash.high64, low: hash.low64)
  }

  /// From the 16 bytes of `bytes`, most significant first; nil for another length.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    func join(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
    self.init(high: join(bytes[..<8]), low: join(bytes[8...]))
  }

  /// The digest that 32 hexadecimal digits write, or nil.
  public init?(hexadecimal text: String) {
    guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
      let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  /// The 16 bytes, most significant first, as XXH128's canonical form.
  public var bytes: [UInt8] {
    [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) } }
  }
}

extension ContentDigest: CustomStringConvertible {
  /// 32 lower-case hexadecimal digits.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
