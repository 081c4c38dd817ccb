internal import ByteFormats
internal import MaskQuery

extension GroupReport {
  /// The mean of every two groups, a group with itself being within it; behind them the test.
  public var records: RecordTable {
    let groups = comparison.runs.groups
    let cells = groups.indices.flatMap { a in groups.indices[a...].map { (a: a, b: $0) } }
    let rows = cells.map { a, b -> [String] in
      let mean = comparison.mean(a, b)
      let value = mean.value.map { JSONValue.number($0) } ?? .null
      return [groups[a].label, groups[b].label, "\(mean.pairs)", RecordTable.text(value)]
    }
    let facts = RecordTable.facts(of: masks) + statistics + test
    return RecordTable(
      columns: ["group_a", "group_b", "pairs", "mean"],
      rows: rows,
      facts: facts + RecordTable.gaps(question.tensors, masks)
    )
  }

  private var statistics: [RecordTable.Field] {
    let statistic = comparison.statistic
    return [
      ("by", comparison.runs.fields.joined(separator: ",")),
      ("statistic", statistic.description), ("statistic_definition", statistic.definition),
      ("null", statistic.null?.rawValue ?? ""), ("direction", statistic.direction),
    ]
  }

  private var test: [RecordTable.Field] {
    let json = json
    let means = ["within", "between"].map { key in
      (key, json[key]?["mean"].map(RecordTable.text) ?? "")
    }
    let keys = ["method", "arrangements", "tried", "reached", "seed", "p", "smallest_p"]
    return means + [("difference", json["difference"].map(RecordTable.text) ?? "")]
      + keys.map { ($0, json["test"]?[$0].map(RecordTable.text) ?? "") }
  }
}
