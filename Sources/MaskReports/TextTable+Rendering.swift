extension TextTable {
  /// The lines of the table, each ended by a line break.
  public var rendered: String {
    let layout = TableLayout(columns, rows)
    let lines =
      [layout.groups, layout.headings].compactMap(\.self) + rows.map { layout.line($0) }
    return (lines + [omission].compactMap(\.self)).map { $0 + "\n" }.joined()
  }
}

/// The widths of a table's columns.
private struct TableLayout {
  private let columns: [TextTable.Column]
  private var texts: [Int]
  private var marks: [Int]

  init(_ columns: [TextTable.Column], _ rows: [[TextTable.Cell]]) {
    self.columns = columns
    texts = columns.map { DisplayWidth.of($0.heading) }
    marks = columns.map { _ in 0 }
    for row in rows {
      for (place, cell) in row.enumerated() {
        texts[place] = max(texts[place], DisplayWidth.of(cell.text))
        marks[place] = max(marks[place], DisplayWidth.of(cell.mark))
      }
    }
    widenForGroups()
  }

  /// A line of cells.
  func line(_ cells: [TextTable.Cell]) -> String {
    trimmed(cells.indices.map { cell(cells[$0], at: $0) }.joined(separator: Self.gap))
  }

  private func cell(_ cell: TextTable.Cell, at place: Int) -> String {
    pad(cell.text, to: texts[place], columns[place].alignment)
      + pad(cell.mark, to: marks[place], .left)
  }

  /// The line of headings.
  var headings: String { line(columns.map { TextTable.Cell($0.heading) }) }

  /// The line of groups, nil where no column has one.
  var groups: String? {
    guard columns.contains(where: { $0.group != nil }) else { return nil }
    let parts = runs.map { run in
      run.count > 1
        ? pad(title(of: run), to: width(of: run), .left)
        : cell(TextTable.Cell(title(of: run)), at: run.lowerBound)
    }
    return trimmed(parts.joined(separator: Self.gap))
  }

  /// What stands over the columns of `run`; dashes show how far it reaches.
  private func title(of run: Range<Int>) -> String {
    let group = columns[run.lowerBound].group ?? ""
    let room = width(of: run) - DisplayWidth.of(group) - 2
    guard run.count > 1, room >= 2 else { return group }
    let left = String(repeating: "-", count: room / 2)
    return "\(left) \(group) \(left)" + (room.isMultiple(of: 2) ? "" : "-")
  }

  /// Neighbouring columns of one group.
  private var runs: [Range<Int>] {
    columns.indices.reduce(into: []) { runs, place in
      if let last = runs.last, let group = columns[place].group,
        group == columns[last.lowerBound].group
      {
        runs[runs.count - 1] = last.lowerBound..<place + 1
      } else {
        runs.append(place..<place + 1)
      }
    }
  }

  private func width(of run: Range<Int>) -> Int {
    run.reduce(0) { $0 + texts[$1] + marks[$1] } + Self.gap.count * (run.count - 1)
  }

  private mutating func widenForGroups() {
    for run in runs {
      let missing = DisplayWidth.of(columns[run.lowerBound].group ?? "") - width(of: run)
      if missing > 0 { texts[run.upperBound - 1] += missing }
    }
  }

  private func pad(_ text: String, to width: Int, _ alignment: TextTable.Alignment) -> String {
    let room = String(repeating: " ", count: max(width - DisplayWidth.of(text), 0))
    return alignment == .left ? text + room : room + text
  }

  private func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }

  private static let gap = "  "
}
