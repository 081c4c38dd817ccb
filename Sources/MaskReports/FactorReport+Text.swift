internal import ByteFormats
internal import MaskQuery

extension FactorReport {
  /// A line a row, which factor the masks share most, and how to read it.
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
  /// Which factor the masks that differ in it alone share most.
  private var answer: String {
    let single = table.rows.filter { $0.factors.count == 1 && $0.isRecorded }
    let means = single.compactMap { row in
      row.mean(.attained(.magnitude)).map { (factor: row.label, mean: $0) }
    }
    guard !means.isEmpty else {
      return "No two runs differ in one recorded field alone"
        + (single.isEmpty ? ".\n" : " and have an attained share over magnitude.\n")
    }
    let ranked = means.sorted { $0.mean.value > $1.mean.value }.map { factor, mean in
      "\(factor.printable) (\(NumberText.share(mean.value)), "
        + "\(mean.pairs, of: "pair"))"
    }
    return "By attained over magnitude, masks share most where only this differs: "
      + ranked.joined(separator: ", then ") + ".\n"
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
