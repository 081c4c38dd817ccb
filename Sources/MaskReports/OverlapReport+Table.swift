public import MaskQuery

extension OverlapReport {
  /// The table for a terminal, with footnotes, a matrix of Jaccard indices where it fits, and how
  /// to read it all.
  ///
  /// One or two nulls stand side by side; more stand one under another. Where pairs are resolved,
  /// each has a line for all of its tensors, then one for every group.
  ///
  /// - Parameters:
  ///   - shown: the nulls whose lift, ceiling and `attained` are shown.
  ///   - rowLimit: the most pairs, or groups of pairs, to show; a line says how many are left out.
  /// - Returns: lines, each ended by a line break.
  public func table(
    nulls shown: [Null] = OverlapReport.tableNulls,
    rowLimit: Int? = nil
  ) -> String {
    document(nulls: shown, rowLimit: rowLimit, hasMatrix: true).text
  }

  /// The table, its footnotes and how to read it, with a matrix of Jaccard indices between them
  /// where that is asked for and fits.
  func document(nulls shown: [Null], rowLimit: Int?, hasMatrix: Bool) -> ReportDocument {
    let shown = nulls.filter(shown.contains)
    let rows = rows
    var table = OverlapTable(labels: MaskLabels(masks), nulls: shown, grouping: grouping)
    for row in rows.prefix(rowLimit ?? rows.count) { table.append(row.pair, group: row.group) }
    table.text.omit(rowsBeyond: rowLimit, of: rows.count, grouping == nil ? "pairs" : "lines")
    let matrix = hasMatrix ? jaccardMatrix.map(ReportDocument.Part.table) : nil
    let parts = [.table(table.text), .notes(table.notes), matrix, .lines(footer(shown))]
    return ReportDocument(parts.compactMap(\.self))
  }

  /// What has a line: every pair, and its groups where it is resolved.
  var rows: [(pair: PairOverlap, group: String?)] {
    guard grouping != nil else { return pairs.map { ($0, nil) } }
    return pairs.flatMap { pair in
      [(pair, "all")] + (pair.groups ?? []).map { ($0.overlap, $0.group.label) }
    }
  }
}
