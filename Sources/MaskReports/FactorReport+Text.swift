internal import ByteFormats
internal import MaskQuery

extension FactorReport {
  /// A line a row, what masks share where one factor alone differs, and how to read it.
  public func document(rowLimit: Int?) -> ReportDocument {
    var notes = Footnotes()
    var text = TextTable(Self.columns)
    for row in table.rows.prefix(rowLimit ?? table.rows.count) { text.append(cells(row, &notes)) }
    text.omit(rowsBeyond: rowLimit, of: table.rows.count, "rows")
    return ReportDocument([.table(text), .notes(notes), .lines(answer), .lines(footer)])
  }

  private static let columns =
    [TextTable.Column("what differs", .left), TextTable.Column("pairs")]
    + ["coverage_a", "coverage_b"].map { TextTable.Column($0, group: "random") }
    + ["coverage_a", "coverage_b"].map { TextTable.Column($0, group: "observed") }
    + ["observed", "at expected"].map { TextTable.Column($0, group: "Jaccard") }
    + ["lift", "max_lift"].map { TextTable.Column($0, group: "global") }
    + ["lift", "max_lift", "attained"].map { TextTable.Column($0, group: "magnitude") }

  private static let quantities: [(FactorQuantity, @Sendable (Double) -> String)] = [
    (.randomCoverageA, NumberText.share), (.randomCoverageB, NumberText.share),
    (.coverageA, NumberText.share), (.coverageB, NumberText.share),
    (.jaccard, NumberText.share), (.jaccardAtExpected(.global), NumberText.share),
    (.lift(.global), NumberText.ratio), (.maxLift(.global), NumberText.ratio),
    (.lift(.magnitude), NumberText.ratio), (.maxLift(.magnitude), NumberText.ratio),
    (.attained(.magnitude), NumberText.share),
  ]

  private func cells(_ row: FactorTable.Row, _ notes: inout Footnotes) -> [TextTable.Cell] {
    let means = Self.quantities.map { quantity, words in
      let mean = row.mean(quantity)
      let missing = row.pairs.count - (mean?.pairs ?? 0)
      let reason =
        "\(missing) of \(row.pairs.count, of: "pair") \(missing == 1 ? "has" : "have") no value; "
        + "the mean is of the rest"
      return notes.cell(mean?.value, words, reason: missing > 0 ? reason : nil)
    }
    return [TextTable.Cell(row.label), TextTable.Cell("\(row.pairs.count)")] + means
  }
}

extension FactorReport {
  /// What masks share where one factor alone differs, and which factors that tells apart.
  private var answer: String {
    let entries = ranking.entries
    guard !entries.isEmpty else {
      let isSingle = table.rows.contains { $0.factors.count == 1 && $0.isRecorded }
      return "No two runs differ in one recorded field alone"
        + (isSingle ? " and have an attained share over magnitude.\n" : ".\n")
    }
    let means = entries.map { entry in
      let deviation = entry.deviation.map { " ± \(NumberText.share($0))" } ?? ""
      return "\(entry.row.label.printable) \(NumberText.share(entry.mean))\(deviation) "
        + "(\(entry.pairs, of: "pair"))"
    }
    return """
      Attained over magnitude where only this differs, mean ± standard deviation of the pairs:
      \(means.joined(separator: ", ")).

      """ + (entries.count > 1 ? verdict : "")
  }

  /// Which factors are told apart, and by what rule.
  private var verdict: String {
    let found = toldApart.map { "\($0.more.printable) than \($0.less.printable)" }
    let rest = MaskPair.all(of: ranking.entries.count).count - found.count
    let sentence =
      found.isEmpty
      ? "No factor is told apart from another"
      : "More is shared across \(found.joined(separator: ", "))"
        + (rest > 0 ? "; no others are told apart" : "")
    return """
      \(sentence): that takes \(FactorRanking.leastPairs) pairs of each, and means that differ by
      more than twice the pooled standard deviation of their pairs.

      """
  }

  private var footer: String {
    let ignored = ignoredFields.map(\.printable).joined(separator: ", ")
    let lines = [
      MaskFooter.definition(of: masks),
      Self.reading,
      table.rows.allSatisfy(\.isRecorded) ? nil : Self.unrecorded,
      "Fields ignored: \(ignored). A run counts once: its latest step, identical masks once.",
      MaskFooter.leftOut(question.units),
      MaskFooter.leftOut(of: question.tensors),
      MaskFooter.skipped(masks),
    ]
    return lines.compactMap { $0.map { $0 + "\n" } }.joined()
  }

  private static let unrecorded = """
    ? : of some of these fields one run of a pair records nothing, so they may be equal or differ;
    `maskdb set` records it.
    """

  private static let reading = """
    A row is the mean over the pairs of runs that differ in what it names and in no other recorded
    field; A is the run whose value comes first. coverage_a reads: of the parameters that A changed,
    the share that B changed too; a random B would have changed as much as its density. Lifts have different
    ceilings: compare attained, 0 at the expected overlap and 1 at the largest possible.
    """
}
