internal import MaskQuery

extension GroupReport {
  /// The groups, their matrix, the test, what was left out; no row is ever left out.
  public func document(rowLimit: Int?) -> ReportDocument {
    let tables = [groupTable, matrix].compactMap { $0.map(ReportDocument.Part.table) }
    return ReportDocument(tables + [.lines(testText), .lines(footer)])
  }

  private var groupTable: TextTable {
    let runs = comparison.runs
    let title = "mean \(comparison.statistic)"
    var table = TextTable(
      [
        TextTable.Column(runs.fields.joined(separator: ", "), .left), TextTable.Column("runs"),
      ] + ["within", "pairs", "between", "pairs"].map { TextTable.Column($0, group: title) }
    )
    for (place, group) in runs.groups.enumerated() {
      let means = cells(comparison.mean(place, place)) + cells(comparison.between(place))
      table.append([TextTable.Cell(group.label), "\(group.members.count)"] + means)
    }
    let means = cells(comparison.within) + cells(comparison.between)
    table.append(["all", "\(runs.cases.count)"] + means)
    return table
  }

  private func cells(_ mean: GroupComparison.Mean) -> [TextTable.Cell] {
    [TextTable.Cell(words(mean.value)), TextTable.Cell(NumberText.count(mean.pairs))]
  }

  private func words(_ value: Double?) -> String {
    value.map(comparison.statistic.words) ?? "-"
  }

  /// The mean of every two groups, on the diagonal within one; nil where it would not fit.
  private var matrix: TextTable? {
    let groups = comparison.runs.groups
    guard (3...16).contains(groups.count) else { return nil }
    let numbers = groups.indices.map { TextTable.Column("\($0 + 1)") }
    let title = TextTable.Column("mean \(comparison.statistic)", .left)
    var table = TextTable([TextTable.Column("#"), title] + numbers)
    for (row, group) in groups.enumerated() {
      let cells = groups.indices.map { TextTable.Cell(words(comparison.mean(row, $0).value)) }
      table.append(["\(row + 1)", TextTable.Cell(group.label)] + cells)
    }
    return table
  }
}

extension GroupReport {
  private var testText: String {
    let (test, runs) = (comparison.test, comparison.runs)
    let fields = runs.blockFields.isEmpty ? "" : " with equal \(list(runs.blockFields))"
    let sizes = runs.blocks.map { String($0.count) }.joined(separator: ", ")
    return """
      within minus between: \(words(comparison.difference)).
      \(test.isExact ? "Exact" : "Monte Carlo") permutation test, one-sided: \
      p = \(significant(test.p)), \(reached(test)).
      Labels are exchanged among runs\(fields): \
      \(runs.blocks.count == 1 ? "a block" : "blocks") of \(sizes) \(sizes == "1" ? "run" : "runs").
      \(reachText(test))

      """
  }

  private func reached(_ test: PermutationResult) -> String {
    let tried = "\(NumberText.count(test.reached)) of \(NumberText.count(test.tried))"
    guard let seed = test.seed else {
      return
        "\(tried) \(NumberText.noun("arrangement", test.tried)) \(test.reached == 1 ? "reaches" : "reach") the observed difference"
    }
    let all =
      test.arrangements.isFinite ? NumberText.ratio(test.arrangements) : "more than 1e308"
    return
      "\(tried) \(test.reached == 1 ? "reaches" : "reach") the observed difference: the observed arrangement and others drawn with "
      + "seed \(seed) from \(all)"
  }

  private func reachText(_ test: PermutationResult) -> String {
    let smallest = "The smallest attainable p is \(significant(test.smallestP))"
    return test.canReach05
      ? smallest + "."
      : smallest + ": with fewer than 20 arrangements, .05 cannot be reached."
  }

  /// Two significant digits at least.
  private func significant(_ p: Double) -> String {
    p < 0.001 ? "\((p * 1e7).rounded() / 1e7)" : NumberText.share(p)
  }

  private func list(_ fields: [String]) -> String {
    fields.map(\.printable).joined(separator: ", ")
  }

  private var footer: String {
    let statistic = comparison.statistic
    let lines = [
      MaskFooter.definition(of: masks),
      "\(statistic) is \(statistic.definition).",
      "Fields ignored: \(list(ignoredFields)). A run counts once: its latest step, identical masks once.",
      MaskFooter.leftOut(question.units),
      MaskFooter.leftOut(of: question.tensors),
      MaskFooter.skipped(masks),
    ]
    return lines.compactMap { $0.map { $0 + "\n" } }.joined()
  }
}
