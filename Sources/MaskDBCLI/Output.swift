/// The answer itself.
enum Output {
  /// Writes `text` to stdout, with one line break at its end.
  static func print(_ text: String) {
    Swift.print(text, terminator: text.hasSuffix("\n") ? "" : "\n")
  }
}
