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

  /// `text` so that Markdown shows it as it is.
  static func escaped(_ text: String) -> String {
    text.reduce(into: "") { text, character in
      if "\\`*_[]<>|#~$".contains(character) { text.append("\\") }
      text.append(character)
    }
  }
}
