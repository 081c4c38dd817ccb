internal import MaskQuery

/// The lines of an overlap table and their footnotes, as they are put together.
struct OverlapTable {
  /// The table.
  var text: TextTable
  /// Its footnotes.
  private(set) var notes: Footnotes
  private let labels: MaskLabels?
  private let nulls: [Null]
  /// Whether nulls stand side by side, each in columns of its own.
  private let isWide: Bool

  /// A table without pairs, for masks of `labels` under `nulls`, with a column for groups.
  ///
  /// Without labels it does not say which masks they are. Footnotes go on from `notes`.
  init(
    labels: MaskLabels?,
    nulls: [Null],
    grouping: TensorGrouping? = nil,
    notes: Footnotes = Footnotes()
  ) {
    self.labels = labels
    self.notes = notes
    self.nulls = nulls
    isWide = nulls.count <= 2
    let groups = nulls.map(\.rawValue)
    text = TextTable(
      (labels == nil ? [] : Self.names)
        + [grouping].compactMap { $0.map { TextTable.Column($0.rawValue, .left) } }
        + Self.columns
        + (isWide
          ? groups.flatMap { Self.lifts(group: $0) }
          : [TextTable.Column("null", .left)] + Self.lifts(group: nil))
    )
  }

  /// Appends the lines of `pair`, which is named as `group` where the table has that column.
  mutating func append(_ pair: PairOverlap, group: String? = nil) {
    let masks = labels.map { [$0[pair.a], $0[pair.b]] } ?? []
    let names = masks + [group].compactMap(\.self)
    let shares = names.map { TextTable.Cell($0) } + shares(of: pair)
    if isWide {
      text.append(shares + nulls.flatMap { lifts($0, pair.nulls[$0]) })
      return
    }
    let blank = shares.map { _ in TextTable.Cell("") }
    for (place, null) in nulls.enumerated() {
      let name = TextTable.Cell(null.rawValue)
      text.append((place == 0 ? shares : blank) + [name] + lifts(null, pair.nulls[null]))
    }
  }
}

extension OverlapTable {
  private static let names = [TextTable.Column("A", .left), TextTable.Column("B", .left)]

  private static let columns = [
    TextTable.Column("Jaccard", group: "|A∩B|/|A∪B|"),
    TextTable.Column("coverage_a", group: "|A∩B|/|A|"),
    TextTable.Column("coverage_b", group: "|A∩B|/|B|"),
  ]

  private static func lifts(group: String?) -> [TextTable.Column] {
    ["lift", "max_lift", "attained"].map { TextTable.Column($0, group: group) }
  }

  private mutating func shares(of pair: PairOverlap) -> [TextTable.Cell] {
    let metrics = pair.metrics
    let values: [(String, Double?)] = [
      ("jaccard", metrics.jaccard), ("coverage_a", metrics.coverageA),
      ("coverage_b", metrics.coverageB),
    ]
    return values.map { field, value in
      let reason = metrics.remarks.reason(of: field).map { "\(field): \($0)" }
      return notes.cell(value, NumberText.share, reason: reason)
    }
  }

  private mutating func lifts(_ null: Null, _ result: NullResult?) -> [TextTable.Cell] {
    let values: [(String, Double?, (Double) -> String)] = [
      ("lift", result?.lift, NumberText.ratio),
      ("max_lift", result?.maxLift, NumberText.ratio),
      ("attained", result?.attained, NumberText.share),
    ]
    return values.map { field, value, words in
      let reason = value == nil ? result?.remarks.reason(of: field) : nil
      return notes.cell(value, words, reason: reason.map { "\(null.rawValue): \($0)" })
    }
  }
}
