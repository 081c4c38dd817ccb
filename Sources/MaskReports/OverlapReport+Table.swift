public import MaskQuery

extension OverlapReport {
  /// The table for a terminal, with footnotes, a matrix of Jaccard indices where it fits, and how
  /// to read it all.
  ///
  /// One or two nulls stand side by side; more stand one under another.
  ///
  /// - Parameters:
  ///   - shown: the nulls whose lift, ceiling and `attained` are shown.
  ///   - rowLimit: the most pairs to show; a line says how many are left out.
  ///   - boldHeadings: whether headings are written bold.
  /// - Returns: lines, each ended by a line break.
  public func table(
    nulls shown: [Null] = OverlapReport.tableNulls,
    rowLimit: Int? = nil,
    boldHeadings: Bool = false
  ) -> String {
    let shown = nulls.filter(shown.contains)
    var table = OverlapTable(labels: MaskLabels(masks), nulls: shown)
    for pair in pairs.prefix(rowLimit ?? pairs.count) { table.append(pair) }
    table.text.omit(rowsBeyond: rowLimit, of: pairs.count, "pairs")
    let parts = [
      table.text.rendered(boldHeadings: boldHeadings),
      table.notes.rendered,
      jaccardMatrix?.rendered(boldHeadings: boldHeadings),
      footer(shown),
    ]
    return parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
