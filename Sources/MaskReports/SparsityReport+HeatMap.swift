internal import MaskQuery

/// How sparsity is written.
public enum SparsityFormat: String, Sendable, Hashable, CaseIterable {
  /// An aligned table for a terminal or a log.
  case table
  /// The schema `maskdb.sparsity/1`.
  case json
  /// A heat map of densities, as vector graphics.
  case svg
  /// The same heat map in pixels.
  case png
}

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
      of: grids.flatMap(\.values).flatMap { $0.compactMap(\.self) }
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
      values: grid.values,
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
    var values: [[Double?]]
  }

  /// The layers of one mask, and a row for what lies outside of layers, by module.
  private func layerGrid(_ entry: Entry) -> Grid {
    let groups = entry.table.rows
    let layers = unique(groups.map(\.group.layer))
    let modules = unique(groups.map(\.group.module)).sorted { ($0 ?? .other) < ($1 ?? .other) }
    let hasStacks = Set(layers.compactMap { $0?.stack }).count > 1
    let label = MaskLabels(entries.map(\.mask))[entry.mask.id]
    return Grid(
      title: "density % of \(label) by layer and module",
      masks: [entry.mask],
      rows: layers.map { layer in
        layer.map { hasStacks ? "\($0.stack).\($0.number)" : "layer \($0.number)" } ?? "no layer"
      },
      columns: modules.map { $0?.rawValue ?? "other" },
      values: layers.map { layer in
        modules.map { module in
          let group = groups.first { $0.group.layer == layer && $0.group.module == module }
          return group?.sparsity.density.map { 100 * $0 }
        }
      }
    )
  }

  /// The masks by group.
  private var maskGrid: Grid {
    let masks = entries.map(\.mask)
    let groups = unique(entries.flatMap { $0.table.rows.map(\.group.label) })
    return Grid(
      title: "density % by \(grouping.rawValue)",
      masks: masks,
      rows: MaskLabels(masks).labels,
      columns: groups,
      values: entries.map { entry in
        let densities = Dictionary(
          entry.table.rows.map { ($0.group.label, $0.sparsity.density) },
          uniquingKeysWith: { first, _ in first }
        )
        return groups.map { densities[$0].flatMap(\.self).map { 100 * $0 } }
      }
    )
  }

  private func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }
  }
}
