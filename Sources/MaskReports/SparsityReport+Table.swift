internal import MaskQuery

extension SparsityReport {
  /// Counts and shares of one mask, or the sparsity of several side by side.
  public func document(rowLimit: Int?) -> ReportDocument {
    let tables = isSideBySide ? [sideBySide(rowLimit)] : entries.map { single($0, rowLimit) }
    return ReportDocument(tables.map { .table($0) } + [.lines(footer)])
  }

  /// Whether several masks have the same groups, so that one line can hold a group of all.
  private var isSideBySide: Bool {
    let groups = entries.map { $0.table.rows.map(\.group) }
    return entries.count > 1 && groups.allSatisfy { $0 == groups[0] }
  }

  private func single(_ entry: Entry, _ rowLimit: Int?) -> TextTable {
    let label = MaskLabels(entries.map(\.mask))[entry.mask.id]
    var table = TextTable(
      [TextTable.Column(grouping.rawValue, group: label, .left)]
        + ["compared", "changed", "density %", "sparsity %"].map {
          TextTable.Column($0, group: label)
        }
    )
    table.omit(rowsBeyond: rowLimit, of: entry.table.rows.count, "groups")
    for (name, sparsity) in named(entry.table, rowLimit) {
      table.append([
        TextTable.Cell(name),
        TextTable.Cell(NumberText.count(sparsity.compared)),
        TextTable.Cell(NumberText.count(sparsity.changed)),
        TextTable.Cell(sparsity.density.map(NumberText.percent) ?? "-"),
        TextTable.Cell(sparsity.sparsity.map(NumberText.percent) ?? "-"),
      ])
    }
    return table
  }

  private func sideBySide(_ rowLimit: Int?) -> TextTable {
    let labels = MaskLabels(entries.map(\.mask)).labels
    var table = TextTable(
      [TextTable.Column(grouping.rawValue, .left)]
        + labels.map { TextTable.Column($0, group: "sparsity %") }
    )
    let lines = entries.map { named($0.table, rowLimit) }
    table.omit(rowsBeyond: rowLimit, of: entries[0].table.rows.count, "groups")
    for place in lines[0].indices {
      let shares = lines.map { $0[place].sparsity.sparsity.map(NumberText.percent) ?? "-" }
      table.append([TextTable.Cell(lines[0][place].name)] + shares.map { TextTable.Cell($0) })
    }
    return table
  }

  /// The groups, at most `rowLimit` of them, and the total by name.
  private func named(
    _ table: SparsityTable,
    _ rowLimit: Int?
  ) -> [(name: String, sparsity: Sparsity)] {
    let groups = table.rows.prefix(rowLimit ?? table.rows.count)
    return groups.map { ($0.group.label, $0.sparsity) } + [("total", table.total)]
  }

  private var footer: String {
    guard !entries.isEmpty else { return "" }
    let masks = entries.map(\.mask)
    let lines = [
      MaskFooter.definition(of: masks),
      "sparsity is the share of the compared parameters that did not change: 100 - density.",
      MaskFooter.skipped(masks),
    ]
    return lines.compactMap { $0.map { $0 + "\n" } }.joined()
  }
}
