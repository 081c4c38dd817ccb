/// File names for tensor names: safe on any file system, and no two alike.
///
/// Two names that differ in case alone count as alike, since they are on macOS and Windows.
struct SafeFileNames {
  private var taken: Set<String> = []
  private let suffix: String
  /// With the suffix and what a temporary file adds this is less than the 255 bytes there are.
  private static let limit = 180

  /// Names that end in `suffix`.
  init(suffix: String) { self.suffix = suffix }

  /// The file name for `name`: the same where that is safe, else with `_` for what is not, cut to
  /// length and numbered.
  mutating func next(for name: String) -> String {
    let stem = Self.safe(name)
    var candidate = stem
    var number = 2
    while !taken.insert(candidate.lowercased()).inserted {
      candidate = "\(stem)-\(number)"
      number += 1
    }
    return candidate + suffix
  }

  private static func safe(_ name: String) -> String {
    let stem = String(
      decoding: name.utf8.prefix(limit).map { isSafe($0) ? $0 : underscore },
      as: UTF8.self
    )
    return stem.isEmpty || stem.hasPrefix(".") || stem.hasPrefix("-") ? "_" + stem : stem
  }

  private static let underscore = UInt8(ascii: "_")

  private static func isSafe(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), underscore:
      true
    default: false
    }
  }
}
