/// Tables as LaTeX has them with the package booktabs.
enum LaTeX {
  /// The environment `tabular` of `table`.
  static func tabular(_ table: TextTable) -> String {
    let sides = table.columns.map { $0.alignment == .left ? "l" : "r" }.joined()
    let rows = table.rows.map { row in line(row.map { cell($0) }) }
    let lines =
      ["\\begin{tabular}{\(sides)}", "\\toprule"] + groups(table.columns)
      + [line(table.columns.map { escaped($0.heading) }), "\\midrule"] + rows
      + ["\\bottomrule", "\\end{tabular}"]
    return lines.joined(separator: "\n")
  }

  /// The line of what stands over headings, with a rule under what spans several.
  private static func groups(_ columns: [TextTable.Column]) -> [String] {
    guard columns.contains(where: { $0.group != nil }) else { return [] }
    var (cells, rules): ([String], [String]) = ([], [])
    var start = 0
    while start < columns.count {
      let group = columns[start].group
      let rest = columns[start...].dropFirst().prefix { group != nil && $0.group == group }
      let count = rest.count + 1
      cells.append(group.map { "\\multicolumn{\(count)}{c}{\(escaped($0))}" } ?? "")
      if count > 1 { rules.append("\\cmidrule(lr){\(start + 1)-\(start + count)}") }
      start += count
    }
    return [line(cells)] + (rules.isEmpty ? [] : [rules.joined(separator: " ")])
  }

  private static func line(_ cells: [String]) -> String { cells.joined(separator: " & ") + " \\\\" }

  private static func cell(_ cell: TextTable.Cell) -> String {
    let text = cell.text == "-" ? "--" : number(cell.text) ?? escaped(cell.text)
    return text + (cell.mark.isEmpty ? "" : "\\textsuperscript{\(escaped(cell.mark))}")
  }

  /// A negative number with a minus sign; nil for any other text.
  private static func number(_ text: String) -> String? {
    text.hasPrefix("-") && Double(text) != nil ? "$-$" + text.dropFirst() : nil
  }

  /// `text` so that LaTeX prints it as it is.
  static func escaped(_ text: String) -> String {
    // By scalars: a mark is one also where a combining mark follows it.
    text.unicodeScalars.reduce(into: "") { text, scalar in
      text.unicodeScalars.append(contentsOf: (commands[scalar] ?? String(scalar)).unicodeScalars)
    }
  }

  private static let commands: [Unicode.Scalar: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
    "%": "\\%", "_": "\\_", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}",
    "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}", "∩": "$\\cap$",
    "∪": "$\\cup$", "\"": "\\textquotedbl{}",
  ]
}
