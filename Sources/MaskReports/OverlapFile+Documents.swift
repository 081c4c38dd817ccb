internal import MaskQuery

extension OverlapFile {
  /// The table as people read it; on paper without the matrix, and with the names of the nulls.
  func document(onPaper: Bool) -> ReportDocument {
    let document = report.document(
      nulls: tableNulls,
      rowLimit: options.rowLimit,
      hasMatrix: !onPaper
    )
    let shown = report.nulls.filter(tableNulls.contains)
    guard onPaper, !shown.isEmpty else { return document }
    return document.appending("Nulls: \(shown.map(\.rawValue).joined(separator: ", ")).\n")
  }
}
