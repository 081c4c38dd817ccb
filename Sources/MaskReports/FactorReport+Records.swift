internal import ByteFormats
internal import MaskQuery

extension FactorReport {
  /// A line a row.
  public var records: RecordTable {
    let rows = (json["rows"]?.array ?? []).compactMap(\.object).map { row in
      var row = row
      for (null, values) in row["nulls"]?.object ?? [:] {
        for (key, value) in values.object ?? [:] { row["\(null)_\(key)"] = value }
      }
      return row
    }
    let facts =
      RecordTable.facts(of: masks) + [
        ("direction", OverlapReport.coverageDirection + ", A the run whose value comes first"),
        ("ignored_fields", ignoredFields.joined(separator: " ")),
      ]
    let gaps = RecordTable.gaps(question.tensors, masks)
    return RecordTable(Self.keys, of: rows, facts: facts + gaps)
  }

  private static let keys =
    [
      "name", "pairs", "random_coverage_a", "random_coverage_b", "coverage_a", "coverage_b",
      "jaccard",
      "phi",
    ]
    + nulls.flatMap { null in
      [
        "lift", "max_lift", "attained", "attained_deviation", "jaccard_at_expected",
        "pairs_with_attained",
      ].map { "\(null.rawValue)_\($0)" }
    }
}
