internal import MaskQuery

extension OverlapFile {
  /// The heat map of `value`, clustered where every pair has one.
  var picture: Picture {
    let map = heatMap
    return Picture(
      drawing: map.drawing,
      title: map.title,
      description: (map.subtitles + map.notes).joined(separator: " "),
      version: version
    )
  }

  private var heatMap: HeatMap {
    let matrix = matrix
    let clustering = MaskClustering(matrix)
    let order = clustering?.order ?? Array(matrix.labels.indices)
    let pairs = matrix.values.enumerated().flatMap { row, values in
      values.enumerated().filter { $0.offset != row }.compactMap(\.element)
    }
    return HeatMap(
      title: "\(value) = \(value.definition)",
      subtitles: subtitles,
      rowLabels: matrix.labels,
      columnLabels: matrix.labels,
      cells: matrix.values.enumerated().map { row, values in
        values.enumerated().map { column, value in
          row == column ? .blank : value.map(HeatMap.Cell.value) ?? .missing
        }
      },
      columnOrder: order,
      rowOrder: order,
      tree: clustering.map { HeatMap.Tree(linkage: $0.linkage, distance: $0.distance) },
      scale: ColorScale(value.description, of: pairs),
      words: value.figureWords,
      notes: notes(clustering, isWhole: !matrix.hasGaps)
    )
  }

  private var subtitles: [String] {
    let against = value.null.map { "Null: \($0.rawValue)." } ?? "No null."
    return [
      MaskFooter.definition(of: report.masks),
      "\(against) Direction: \(value.direction). maskdb \(version).",
    ]
  }

  private func notes(_ clustering: MaskClustering?, isWhole: Bool) -> [String] {
    let tree =
      clustering.map {
        "Tree: average linkage on \($0.distance), in optimal leaf order (Bar-Joseph 2001)."
      } ?? "Not clustered, for not every pair has a value: masks stand in the order of the query."
    let gaps = isWhole ? nil : "A dot: a pair without a value here."
    let lift =
      value.hasUnequalCeilings
      ? "The ceiling differs from pair to pair: compare attained, not lifts, between pairs." : nil
    return [
      tree, "Grey: a mask with itself.", gaps, report.omitted?.sentence, lift,
      MaskFooter.skipped(report.masks),
      tensors,
    ].compactMap(\.self)
  }
}

extension PairMatrix {
  /// Whether a pair has no value.
  var hasGaps: Bool {
    MaskPair.all(of: labels.count).contains { values[$0.a][$0.b] == nil }
  }
}
