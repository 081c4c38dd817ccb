internal import ByteFormats
internal import MaskQuery

extension OverlapFile {
  /// The square matrix of `value`, a row and a column a mask.
  ///
  /// What it is stands in columns behind it, or in comments before it. A pair without a value has
  /// an empty field.
  var csv: String {
    let matrix = matrix
    let names = options.hasComments ? [] : facts(of: nil).map(\.key)
    let heading = CSVLine.of([value.description] + matrix.labels + names)
    let rows = zip(matrix.labels, matrix.values).enumerated().map { place, row in
      let facts = options.hasComments ? [] : facts(of: report.masks[place]).map(\.text)
      return CSVLine.of([row.0] + row.1.map { $0?.description ?? "" } + facts)
    }
    let comments = options.hasComments ? RecordTable.comments(facts(of: nil)) : ""
    return comments + heading + rows.joined()
  }

  /// What must be known of the matrix; of the row of `mask`, or where that is nil of all masks.
  private func facts(of mask: MaskSummary?) -> [RecordTable.Field] {
    let masks = report.masks
    let omitted = [report.omitted].compactMap { $0.map { (key: "omitted", text: $0.sentence) } }
    return RecordTable.facts(of: mask.map { [$0] } ?? masks) + [
      ("value", value.description),
      ("null", value.null?.rawValue ?? ""),
      ("direction", value.direction),
    ] + omitted + RecordTable.gaps(report.tensors, masks) + [("maskdb_version", version)]
  }
}
