/// Tables as GitHub's Markdown has them.
enum Markdown {
  /// The lines of `table`; what stands over neighbouring headings is written before each.
  static func table(_ table: TextTable) -> String {
    let headings = table.columns.map { column in
      [column.group, column.heading].compactMap(\.self).map(escaped).joined(separator: " ")
    }
    let rule = table.columns.map { $0.alignment == .left ? ":--" : "--:" }
    let rows = table.rows.map { row in
      row.map { escaped($0.mark.isEmpty ? $0.text : "\($0.text) \($0.mark)") }
    }
    let lines = ([headings, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
    return (lines + [table.omission].compactMap { $0.map { "\n" + escaped($0) } })
      .joined(separator: "\n")
  }

  private static let marks = Set("\\`*_[]<>|#~$".unicodeScalars)

  /// `text` so that Markdown shows it as it is.
  static func escaped(_ text: String) -> String {
    // By scalars: a mark is one also where a combining mark follows it.
    text.unicodeScalars.reduce(into: "") { text, scalar in
      if marks.contains(scalar) { text.unicodeScalars.append("\\") }
      text.unicodeScalars.append(scalar)
    }
  }
}
