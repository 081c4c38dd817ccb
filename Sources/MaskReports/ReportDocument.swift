/// A report as people read it: tables, and lines that say how to read them.
public struct ReportDocument: Sendable {
  /// What stands in it, one after another.
  enum Part: Sendable {
    case table(TextTable)
    /// The footnotes of the tables before it.
    case notes(Footnotes)
    /// Lines, each ended by a line break.
    case lines(String)
  }

  private let parts: [Part]

  /// A document of `parts`; what is empty is left out.
  init(_ parts: [Part]) { self.parts = parts.filter { !$0.text.isEmpty } }

  /// The document with `lines` at its end, in the same paragraph as those before.
  func appending(_ lines: String) -> ReportDocument {
    guard case .lines(let last)? = parts.last else {
      return ReportDocument(parts + [.lines(lines)])
    }
    return ReportDocument(parts.dropLast() + [.lines(last + lines)])
  }

  /// The document for a terminal: its parts, an empty line between them.
  public var text: String { parts.map(\.text).joined(separator: "\n") }
}

extension ReportDocument {
  /// The document in GitHub's Markdown, made by maskdb `version`.
  func markdown(version: String) -> String {
    let texts = appending("maskdb \(version).\n").parts.map { part in
      switch part {
      case .table(let table): Markdown.table(table)
      case .notes: lines(part.text).map(Markdown.escaped).joined(separator: "  \n")
      case .lines: lines(part.text).map(Markdown.escaped).joined(separator: "\n")
      }
    }
    return texts.joined(separator: "\n\n") + "\n"
  }

  /// The document as a LaTeX table with booktabs, made by maskdb `version`; all but its tables is
  /// the caption.
  func latex(version: String) -> String {
    let tables = parts.compactMap { if case .table(let table) = $0 { table } else { nil } }
    let rest = parts.filter { if case .table = $0 { false } else { true } }.map(\.text)
    let caption = tables.compactMap(\.omission) + rest.flatMap(lines) + ["maskdb \(version)."]
    return """
      % Needs \\usepackage{booktabs}. Written by maskdb \(version).
      \\begin{table}
      \\centering
      \\small
      \(tables.map(LaTeX.tabular).joined(separator: "\n\n\\medskip\n\n"))
      \\caption{\(caption.map(LaTeX.escaped).joined(separator: "\n"))}
      \\end{table}

      """
  }

  private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
}

extension ReportDocument.Part {
  /// The part for a terminal.
  fileprivate var text: String {
    switch self {
    case .table(let table): table.rendered
    case .notes(let notes): notes.rendered
    case .lines(let text): text
    }
  }
}
