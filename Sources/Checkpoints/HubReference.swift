/// `organisation/name` or `organisation/name@revision`, as the Hugging Face hub names models.
struct HubReference: Sendable, Hashable {
  let id: String
  let revision: String?

  /// Nil for a text that cannot name a model, such as a path.
  init?(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    guard names.count <= 2, names.allSatisfy(Self.isName) else { return nil }
    id = String(parts[0])
    revision = parts.count > 1 ? String(parts[1]) : nil
    guard let revision else { return }
    let isSafe = revision.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(
      Self.isName
    )
    if !isSafe { return nil }
  }

  /// Letters, digits, `-`, `_` and `.`, the first no dot, so that no name leads out of a folder.
  private static func isName(_ name: Substring) -> Bool {
    !name.isEmpty && name.first != "."
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
        }
      }
  }
}
