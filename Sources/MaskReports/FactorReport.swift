public import MaskQuery

/// How much masks overlap by what alone differs between their runs.
public struct FactorReport: Report {
  let masks: [MaskSummary]
  let table: FactorTable
  let question: GroupReport.Question

  /// A report on `table` of the runs of `masks`.
  public init(masks: [MaskSummary], _ table: FactorTable, question: GroupReport.Question) {
    self.masks = masks
    self.table = table
    self.question = question
  }

  /// The nulls that the table needs.
  public static let nulls: [Null] = [.global, .magnitude]

  /// What masks share where one factor alone differs.
  var ranking: FactorRanking { FactorRanking(table, by: .attained(.magnitude)) }

  /// The factors that are told apart; across the first masks share more.
  var toldApart: [(more: String, less: String)] {
    let ranking = ranking
    return ranking.toldApart.map {
      (ranking.entries[$0.more].row.label, ranking.entries[$0.less].row.label)
    }
  }

  /// The fields in which runs may differ all the same.
  var ignoredFields: [String] { ["name", "step"] + question.factors.ignored }
}

extension FactorTable.Row {
  /// What differs, such as `seed` or `dataset + seed`; with a question mark where a run does not record it.
  var label: String {
    guard !factors.isEmpty else { return "nothing recorded" }
    return factors.joined(separator: " + ") + (isRecorded ? "" : " ?")
  }
}
