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
      title: "\(value) = \(value.formula)",
      subtitles: subtitles,
      rowLabels: matrix.labels,
      columnLabels: matrix.labels,
      values: matrix.values,
      columnOrder: order,
      rowOrder: order,
      hidesDiagonal: true,
      tree: clustering.map { HeatMap.Tree(linkage: $0.linkage, distance: $0.distance) },
      scale: ColorScale(value.description, of: pairs),
      words: value.words,
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

extension PairValue {
  /// The definition, in signs.
  var formula: String {
    switch self {
    case .metric(let metric): Self.formulas[metric] ?? metric.rawValue
    case .null(let metric, let null): "\(Self.nullFormulas[metric] ?? ""), E under \(null.rawValue)"
    }
  }

  /// Whether values of two pairs cannot be compared.
  var hasUnequalCeilings: Bool {
    if case .null(let metric, _) = self { metric == .lift || metric == .maxLift } else { false }
  }

  /// How the value reads in a figure.
  var words: @Sendable (Double) -> String {
    if case .null(let metric, _) = self {
      switch metric {
      case .attained, .jaccardAtExpected: return NumberText.figure
      default: return NumberText.shortRatio
      }
    }
    return NumberText.figure
  }

  private static let formulas: [Metric: String] = [
    .jaccard: "|A∩B| / |A∪B|", .coverage: "|A∩B| / |A|, A the row",
    .overlapCoefficient: "|A∩B| / min(|A|, |B|)", .dice: "2 |A∩B| / (|A| + |B|)",
    .phi: "correlation of A and B", .kappa: "Cohen's kappa of A and B",
    .log2OddsRatio: "log2 of the odds ratio, +1/2 in every cell",
    .jaccardUnchanged: "Jaccard index of what A and B left unchanged",
  ]

  private static let nullFormulas: [NullMetric: String] = [
    .expected: "E, the expected |A∩B|", .lift: "|A∩B| / E", .maxLift: "largest |A∩B| / E",
    .attained: "(|A∩B| - E) / (largest |A∩B| - E)", .excess: "|A∩B| - E",
    .jaccardAtExpected: "E / (|A| + |B| - E)", .z: "(|A∩B| - E) / its standard deviation",
  ]
}
