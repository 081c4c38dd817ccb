/// Why a text is no name of a run.
public struct NameError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence: the text, the rule.
  public let description: String
}

/// The names that runs may have: `[A-Za-z0-9][A-Za-z0-9._-]*`.
public enum RunName {
  /// Refuses a text that is no name.
  public static func check(_ text: String) throws(NameError) {
    guard text.utf8.allSatisfy(isAllowed), text.utf8.first.map(isAlphanumeric) == true else {
      throw NameError(
        description: "'\(text)' cannot name a run; use letters, digits, '.', '_' and '-', "
          + "beginning with a letter or digit"
      )
    }
  }

  /// `text` with every other character as '-', and `run` where nothing is left.
  static func made(from text: String) -> String {
    let allowed = text.unicodeScalars.map { scalar in
      UInt8(exactly: scalar.value).map(isAllowed) == true ? Character(scalar) : "-"
    }
    let name = String(allowed.drop { $0 == "-" || $0 == "." || $0 == "_" })
    return name.isEmpty ? "run" : name
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || [0x2E, 0x5F, 0x2D].contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}
