/// The numbered reasons under a table; a reason given twice has one number.
struct Footnotes {
  private var reasons: [String] = []
  private var numbers: [String: Int] = [:]

  /// The mark of `reason`, which is noted.
  mutating func mark(_ reason: String) -> String {
    if let number = numbers[reason] { return "[\(number)]" }
    reasons.append(reason)
    numbers[reason] = reasons.count
    return "[\(reasons.count)]"
  }

  /// A cell of `value` in words, or `-`, with a mark where there is a `reason`.
  mutating func cell(
    _ value: Double?,
    _ words: (Double) -> String,
    reason: String?
  ) -> TextTable.Cell {
    TextTable.Cell(value.map(words) ?? "-", mark: reason.map { mark($0) } ?? "")
  }

  /// The lines, each ended by a line break.
  var rendered: String {
    reasons.enumerated().map { "[\($0 + 1)] \($1.printable)\n" }.joined()
  }
}
