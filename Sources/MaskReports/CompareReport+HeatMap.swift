public import MaskQuery

extension CompareReport {
  /// What is drawn where nothing is asked for by name.
  public static let figureStatistics: [PairStatistic] = [
    .relative(.lift, .magnitude), .relative(.attained, .magnitude),
  ]

  /// A map of layers and modules for each of `statistics` as SVG, made by maskdb `version`.
  ///
  /// The report must be by layer and module.
  public func svg(_ statistics: [PairStatistic], version: String) -> [UInt8] {
    picture(statistics, version).svg
  }

  /// The same as PNG.
  public func png(_ statistics: [PairStatistic], version: String) -> [UInt8] {
    picture(statistics, version).png
  }

  private func picture(_ statistics: [PairStatistic], _ version: String) -> Picture {
    let maps = statistics.enumerated().map { place, statistic in
      heatMap(statistic, version, isLast: place == statistics.count - 1)
    }
    return Picture(
      drawing: .stacked(maps.map(\.drawing)),
      title: statistics.map { headline($0) }.joined(separator: "; "),
      description: maps.flatMap { [$0.title] + $0.subtitles + $0.notes }.joined(separator: " "),
      version: version
    )
  }

  private func headline(_ statistic: PairStatistic) -> String {
    let labels = MaskLabels(masks)
    return "\(statistic) of A = \(labels[pair.a]), B = \(labels[pair.b]) by layer and module"
  }

  private func heatMap(
    _ statistic: PairStatistic,
    _ version: String,
    isLast: Bool
  ) -> HeatMap {
    let grid = LayerGrid(groups.map(\.group))
    let cells = grid.cells { cell(groups[$0].overlap, statistic) }
    return HeatMap(
      title: headline(statistic),
      subtitles: subtitles(statistic, version),
      rowLabels: grid.rows,
      columnLabels: grid.columns,
      cells: cells,
      columnOrder: Array(grid.columns.indices),
      rowOrder: Array(grid.rows.indices),
      scale: ColorScale(statistic.description, of: cells.flatMap(\.numbers)),
      words: statistic.figureWords,
      notes: notes(statistic) + (isLast ? closingNotes : [])
    )
  }

  private var groups: [GroupOverlap] { pair.groups ?? [] }

  /// Grey where nothing was compared, a dot where there is no value or only one by convention.
  private func cell(_ overlap: PairOverlap, _ statistic: PairStatistic) -> HeatMap.Cell {
    guard overlap.metrics.table.parameters > 0 else { return .blank }
    guard statistic.reason(for: overlap) == nil, let value = statistic.value(of: overlap) else {
      return .missing
    }
    return .value(value)
  }
}

extension CompareReport {
  private func subtitles(_ statistic: PairStatistic, _ version: String) -> [String] {
    let against = statistic.null.map { "Null: \($0.rawValue)." } ?? "No null."
    let direction =
      statistic.isSymmetric ? "symmetric" : "of what A changed, the share that B changed"
    let whole = statistic.value(of: pair).map(statistic.words) ?? "no value"
    return [
      "\(statistic) = \(statistic.definition)",
      MaskFooter.definition(of: masks) + " \(against) Direction: \(direction). maskdb \(version).",
      "Over all parameters compared: \(whole).",
    ]
  }

  private func notes(_ statistic: PairStatistic) -> [String] {
    let compared = groups.map(\.overlap).filter { $0.metrics.table.parameters > 0 }
    let missing = compared.filter { cell($0, statistic) == .missing }
    let reasons = missing.compactMap { statistic.reason(for: $0) }.unique.joined(separator: "; ")
    let dots = missing.isEmpty ? nil : "A dot: no value, for \(reasons)."
    let lift =
      statistic.hasUnequalCeilings
      ? "The ceiling differs from cell to cell: compare attained, not lifts, between cells." : nil
    return [dots, lift].compactMap(\.self)
  }

  private var closingNotes: [String] {
    [
      "Grey: no parameters there, or none compared.", MaskFooter.leftOut(of: tensors),
      MaskFooter.skipped(masks),
    ].compactMap(\.self)
  }
}
