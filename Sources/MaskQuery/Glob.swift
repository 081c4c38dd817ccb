/// A pattern in which `*` stands for any characters, `?` for one, and case does not matter.
public struct Glob: Sendable, Hashable {
  /// The pattern as it was written.
  public let pattern: String
  private let bytes: [UInt8]

  /// The pattern `pattern`.
  public init(_ pattern: String) {
    self.pattern = pattern
    bytes = Array(pattern.lowercased().utf8)
  }

  /// Whether `text` is meant as a pattern.
  public static func isPattern(_ text: String) -> Bool { text.contains("*") || text.contains("?") }

  /// Whether the whole of `text` fits the pattern.
  ///
  /// Takes time proportional to the product of the two lengths at worst.
  public func matches(_ text: some StringProtocol) -> Bool {
    let text = Array(text.lowercased().utf8)
    var (t, p) = (0, 0)
    var star: (pattern: Int, text: Int)?
    while t < text.count {
      if p < bytes.count, bytes[p] == UInt8(ascii: "*") {
        star = (p, t)
        p += 1
      } else if p < bytes.count, bytes[p] == UInt8(ascii: "?") || bytes[p] == text[t] {
        (t, p) = (t + 1, p + 1)
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        (t, p) = (last.text + 1, last.pattern + 1)
      } else {
        return false
      }
    }
    return bytes[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
