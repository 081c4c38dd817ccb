internal import MaskQuery

extension CompareReport {
  /// Every count and metric with its formula.
  func metricTable(_ notes: inout Footnotes) -> TextTable {
    let (metrics, counts) = (pair.metrics, pair.metrics.table)
    var table = TextTable([
      TextTable.Column("metric", .left), TextTable.Column("value"),
      TextTable.Column("definition", .left),
    ])
    for (name, count, formula) in Self.counts(counts) {
      table.append([TextTable.Cell(name), TextTable.Cell(NumberText.count(count)), "\(formula)"])
    }
    for (name, statistic, value) in statistics {
      let reason = metrics.remarks.reason(of: name).map { "\(name): \($0)" }
      let cell = notes.cell(value, statistic.words, reason: reason)
      table.append([TextTable.Cell(name), cell, TextTable.Cell(definition(name, statistic))])
    }
    return table
  }

  private static func counts(_ table: ContingencyTable) -> [(String, Int, String)] {
    [
      ("parameters", table.parameters, "N: positions compared in both masks"),
      ("intersection", table.intersection, "n11 = |A∩B|"),
      ("only_a", table.onlyA, "n10 = |A\\B|"),
      ("only_b", table.onlyB, "n01 = |B\\A|"),
      ("neither", table.neither, "n00 = N - |A∪B|"),
    ]
  }

  /// The metrics by their names in JSON, coverage once for each side.
  private var statistics: [(name: String, statistic: PairStatistic, value: Double?)] {
    PairStatistic.Metric.allCases.flatMap { metric -> [(String, PairStatistic, Double?)] in
      let statistic = PairStatistic.metric(metric)
      let value = statistic.value(of: pair)
      guard !statistic.isSymmetric else { return [(metric.rawValue, statistic, value)] }
      let turned = statistic.value(of: pair, isTurned: true)
      return [("coverage_a", statistic, value), ("coverage_b", statistic, turned)]
    }
  }

  private func definition(_ name: String, _ statistic: PairStatistic) -> String {
    switch name {
    case "coverage_a": "|A∩B| / |A|: of what A changed, the share that B changed"
    case "coverage_b": "|A∩B| / |B|: of what B changed, the share that A changed"
    default: statistic.definition
    }
  }
}

extension CompareReport {
  /// Every null with what it says.
  func nullTable(_ notes: inout Footnotes) -> TextTable {
    var table = TextTable(
      [TextTable.Column("null", .left), TextTable.Column("keeps, of each mask", .left)]
        + Self.nullColumns.map { TextTable.Column($0) }
    )
    for null in Null.allCases {
      let result = pair.nulls[null]
      let cells = Self.values(result).map { field, value, words in
        let reason = value == nil ? result?.remarks.reason(of: field) : nil
        return notes.cell(value, words, reason: reason.map { "\(null.rawValue): \($0)" })
      }
      table.append([TextTable.Cell(null.rawValue), TextTable.Cell(null.keeps)] + cells)
    }
    return table
  }

  private static let nullColumns = [
    "expected", "lift", "max_lift", "attained", "z", "jaccard_at_expected",
  ]

  private static func values(
    _ result: NullResult?
  ) -> [(String, Double?, (Double) -> String)] {
    [
      ("expected", result?.expected, NumberText.ratio),
      ("lift", result?.lift, NumberText.ratio),
      ("max_lift", result?.maxLift, NumberText.ratio),
      ("attained", result?.attained, NumberText.share),
      ("z", result?.z, NumberText.ratio),
      ("jaccard_at_expected", result?.jaccardAtExpected, NumberText.share),
    ]
  }
}

extension Null {
  /// What random masks share with the real ones under the null, in words.
  fileprivate var keeps: String {
    switch self {
    case .global: "its size"
    case .tensor: "its size in every tensor"
    case .row: "its count in every row"
    case .column: "its count in every column"
    case .rowColumn: "its counts in rows and columns, rank-one"
    case .magnitude: "its count per tensor and binade of the base"
    }
  }
}
