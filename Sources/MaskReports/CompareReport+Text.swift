internal import MaskQuery

extension CompareReport {
  /// The masks, every metric with its formula, every null, the groups.
  public func document(rowLimit: Int?) -> ReportDocument {
    var notes = Footnotes()
    let tables = [
      maskTable, metricTable(&notes), nullTable(&notes), groupTable(rowLimit, &notes),
    ]
    let parts = tables.map { ReportDocument.Part.table($0) }
    return ReportDocument(parts + [.notes(notes), .lines(overlap.footer(Null.allCases))])
  }

  /// A line for the whole, then one for every group.
  public var records: RecordTable { overlap.records }

  /// The pair as an overlap of two masks.
  private var overlap: OverlapReport {
    OverlapReport(masks: masks, pairs: [pair], grouping: grouping, tensors: tensors)
  }

  private var maskTable: TextTable {
    var table = TextTable([
      TextTable.Column("", .left), TextTable.Column("mask", .left),
      TextTable.Column("algorithm", .left), TextTable.Column("dataset", .left),
      TextTable.Column("seed"), TextTable.Column("step"), TextTable.Column("changed"),
    ])
    let counts = [pair.metrics.table.countA, pair.metrics.table.countB]
    for (place, mask) in masks.enumerated() {
      let seed = mask.seed.map(String.init) ?? "-"
      let step = mask.step.map(String.init) ?? "-"
      let words = [mask.id, mask.algorithm ?? "-", mask.dataset ?? "-", seed, step]
      table.append(
        ([place == 0 ? "A" : "B"] + words + [NumberText.count(counts[place])])
          .map { TextTable.Cell($0) }
      )
    }
    return table
  }

  private func groupTable(_ rowLimit: Int?, _ notes: inout Footnotes) -> TextTable {
    var table = OverlapTable(
      labels: nil,
      nulls: OverlapReport.tableNulls,
      grouping: grouping,
      notes: notes
    )
    let groups = pair.groups ?? []
    for group in groups.prefix(rowLimit ?? groups.count) {
      table.append(group.overlap, group: group.group.label)
    }
    table.text.omit(rowsBeyond: rowLimit, of: groups.count, "groups")
    notes = table.notes
    return table.text
  }
}
