internal import MaskQuery

extension OverlapFile {
  /// The terminal's table for Markdown, its footnotes and how to read it.
  var markdown: String {
    let table = pairTable
    let notes = lines(table.notes.rendered).map { Markdown.escaped($0) }
    let footer = lines(footer).map { Markdown.escaped($0) }
    let parts = [
      Markdown.table(table.text), notes.joined(separator: "  \n"), footer.joined(separator: "\n"),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  /// The terminal's table for LaTeX with booktabs; its footnotes and how to read it are the caption.
  var latex: String {
    let table = pairTable
    let caption = lines(table.notes.rendered) + lines(footer)
    return """
      % Needs \\usepackage{booktabs}. Written by maskdb \(version).
      \\begin{table}
      \\centering
      \\small
      \(LaTeX.tabular(table.text))
      \\caption{\(caption.map(LaTeX.escaped).joined(separator: "\n"))}
      \\end{table}

      """
  }

  private var pairTable: OverlapTable {
    let shown = report.nulls.filter(tableNulls.contains)
    let labels = MaskLabels(report.masks)
    var table = OverlapTable(labels: labels, nulls: shown, grouping: report.grouping)
    for row in report.rows { table.append(row.pair, group: row.group) }
    return table
  }

  private var footer: String {
    let shown = report.nulls.filter(tableNulls.contains)
    let nulls = shown.map(\.rawValue).joined(separator: ", ")
    return report.footer(shown) + (shown.isEmpty ? "" : "Nulls: \(nulls).\n")
      + "maskdb \(version).\n"
  }

  private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
}
