internal import ByteFormats
internal import MaskQuery

extension OverlapFile {
  /// The square matrix of `value`, a row and a column a mask.
  ///
  /// What it is stands in columns behind it, or in comments before it. A pair without a value has
  /// an empty field.
  var csv: String {
    let matrix = matrix
    let names = hasComments ? [] : facts(of: nil).map(\.key)
    let heading = CSVLine.of([value.description] + matrix.labels + names)
    let rows = zip(matrix.labels, matrix.values).enumerated().map { place, row in
      let facts = hasComments ? [] : facts(of: report.masks[place]).map(\.text)
      return CSVLine.of([row.0] + row.1.map { $0?.description ?? "" } + facts)
    }
    return (hasComments ? comments : "") + heading + rows.joined()
  }

  private var comments: String {
    let lines = facts(of: nil).map { "\($0.key): \($0.text)" } + [report.omitted?.sentence]
    return lines.compactMap { $0.map { "# \($0.printable)\r\n" } }.joined()
  }

  /// What must be known of the matrix; of the row of `mask`, or where that is nil of all masks.
  private func facts(of mask: MaskSummary?) -> [(key: String, text: String)] {
    let masks = mask.map { [$0] } ?? report.masks
    let scope = [tensors].compactMap { $0.map { (key: "tensors", text: $0) } }
    return [
      ("definition", unique(masks.map(\.definition))),
      ("compare_dtype", unique(masks.compactMap(\.compareType))),
      ("value", value.description),
      ("null", value.null?.rawValue ?? ""),
      ("direction", value.direction),
      ("maskdb_version", version),
    ] + scope
  }

  private func unique(_ texts: [String]) -> String { Set(texts).sorted().joined(separator: "; ") }
}
