internal import MaskQuery

extension SparsityReport {
  /// The heat map of densities as SVG, made by maskdb `version`.
  public func svg(version: String) -> [UInt8] { picture(version).svg }

  /// The heat map of densities as PNG, made by maskdb `version`.
  public func png(version: String) -> [UInt8] { picture(version).png }

  /// By layer and module one matrix a mask, all in one scale; else one matrix with a row a mask.
  private func picture(_ version: String) -> Picture {
    let grids = grouping == .layerModule ? entries.map(layerGrid) : [maskGrid]
    let scale = ColorScale(
      "density %",
      of: grids.flatMap(\.cells).flatMap(\.numbers)
    )
    let maps = grids.enumerated().map { place, grid in
      heatMap(grid, scale, version, isLast: place == grids.count - 1)
    }
    return Picture(
      drawing: .stacked(maps.map(\.drawing)),
      title: "density % by \(grouping.rawValue)",
      description: maps.flatMap { [$0.title] + $0.subtitles }.joined(separator: " "),
      version: version
    )
  }

  private func heatMap(
    _ grid: Grid,
    _ scale: ColorScale,
    _ version: String,
    isLast: Bool
  ) -> HeatMap {
    HeatMap(
      title: grid.title,
      subtitles: [
        MaskFooter.definition(of: grid.masks),
        "density % = 100 x changed / compared parameters. maskdb \(version).",
      ],
      rowLabels: grid.rows,
      columnLabels: grid.columns,
      cells: grid.cells,
      columnOrder: Array(grid.columns.indices),
      rowOrder: Array(grid.rows.indices),
      scale: scale,
      words: NumberText.percentFigure,
      notes: isLast ? notes : []
    )
  }

  private var notes: [String] {
    ["Grey: no parameters there, or none compared.", MaskFooter.skipped(entries.map(\.mask))]
      .compactMap(\.self)
  }
}

extension SparsityReport {
  /// What one heat map shows.
  private struct Grid {
    var title: String
    var masks: [MaskSummary]
    var rows: [String]
    var columns: [String]
    var cells: [[HeatMap.Cell]]
  }

  /// The layers of one mask, by module.
  private func layerGrid(_ entry: Entry) -> Grid {
    let groups = entry.table.rows
    let grid = LayerGrid(groups.map(\.group))
    let label = MaskLabels(entries.map(\.mask))[entry.mask.id]
    return Grid(
      title: "density % of \(label) by layer and module",
      masks: [entry.mask],
      rows: grid.rows,
      columns: grid.columns,
      cells: grid.cells { Self.cell(groups[$0].sparsity.density) }
    )
  }

  private static func cell(_ density: Double?) -> HeatMap.Cell {
    density.map { .value(100 * $0) } ?? .blank
  }

  /// The masks by group.
  private var maskGrid: Grid {
    let masks = entries.map(\.mask)
    let groups = entries.flatMap { $0.table.rows.map(\.group.label) }.unique
    return Grid(
      title: "density % by \(grouping.rawValue)",
      masks: masks,
      rows: MaskLabels(masks).labels,
      columns: groups,
      cells: entries.map { entry in
        let densities = Dictionary(
          entry.table.rows.map { ($0.group.label, $0.sparsity.density) },
          uniquingKeysWith: { first, _ in first }
        )
        return groups.map { Self.cell(densities[$0].flatMap(\.self)) }
      }
    )
  }
}
