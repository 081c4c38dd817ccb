/// Digests a sequence of texts, integers and digests, each with its length, so that no two different
/// sequences give the same bytes.
public struct ContentHasher: Sendable {
  private var bytes: [UInt8] = []

  /// An empty sequence.
  public init() {}

  /// Appends `text` in UTF-8.
  public mutating func update(text: String) {
    append(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// Appends `integers`.
  public mutating func update(integers: [Int]) {
    append(UInt64(integers.count))
    for integer in integers { append(UInt64(bitPattern: Int64(integer))) }
  }

  /// Appends `digest`.
  public mutating func update(digest: ContentDigest) {
    append(digest.high)
    append(digest.low)
  }

  /// The digest of what was appended.
  public consuming func finish() -> ContentDigest {
    ContentDigest(of: unsafe bytes.span.bytes)
  }

  private mutating func append(_ integer: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: integer >> shift))
    }
  }
}
