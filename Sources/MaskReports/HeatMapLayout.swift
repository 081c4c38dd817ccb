/// Where the parts of a heat map stand.
struct HeatMapLayout {
  static let margin = 24.0
  static let subtitleStep = 17.0
  static let treeHeight = 84.0

  /// The side of a cell.
  let cell: Double
  /// The size of labels beside cells.
  let labelSize: Double
  /// The size of values in cells; nil where they do not fit.
  let valueSize: Double?
  /// The corner of the first cell.
  let left: Double
  let top: Double
  /// The size of all cells.
  let gridWidth: Double
  let gridHeight: Double
  /// Where the legend stands.
  let legendLeft: Double
  /// The first note's baseline.
  let notesTop: Double
  let width: Double
  let height: Double
  /// The notes, broken into lines.
  let notes: [String]

  init(_ map: HeatMap) {
    let count = max(map.rowLabels.count, map.columnLabels.count)
    let texts = map.values.flatMap { $0.compactMap(\.self) }.map(map.words)
    cell = min(max((900 / Double(max(count, 1))).rounded(.down), 5), 46)
    labelSize = min(13, max(cell * 0.9, 4))
    valueSize = Self.valueSize(texts, cell: cell)
    let rowWidth = Self.widest(map.rowLabels, labelSize)
    let axis = map.tree == nil ? 0 : 46.0
    left = Self.margin + max(rowWidth + 10, axis)
    let headHeight = 26 + Self.subtitleStep * Double(map.subtitles.count)
    top = Self.margin + headHeight + 10 + (map.tree == nil ? 0 : Self.treeHeight + 10)
    gridWidth = cell * Double(map.columnLabels.count)
    gridHeight = cell * Double(map.rowLabels.count)
    legendLeft = left + gridWidth + 28
    let legendWidth = 14 + 8 + Self.widest(map.scale.ticks.map(map.words), 11) + 6
    let inner = max(legendLeft + legendWidth - Self.margin, Self.headWidth(map), 420)
    width = inner + 2 * Self.margin
    notes = map.notes.flatMap { Self.wrapped($0, size: 11, width: inner) }
    notesTop = top + gridHeight + Self.widest(map.columnLabels, labelSize) + 10 + 30
    height = notesTop + 15 * Double(notes.count) + Self.margin - 12
  }

  /// The largest size at which every text fits a cell, down to what can be read.
  private static func valueSize(_ texts: [String], cell: Double) -> Double? {
    let unit = widest(texts, 1)
    let size = unit > 0 ? min((cell - 7) / unit, 12.5, cell * 0.6) : 0
    return size >= 7.5 ? size : nil
  }

  private static func headWidth(_ map: HeatMap) -> Double {
    max(StrokeFont.width(map.title, size: 17) * 1.06, widest(map.subtitles, 12))
  }

  /// The width of the widest of `texts`.
  private static func widest(_ texts: [String], _ size: Double) -> Double {
    texts.reduce(0) { max($0, StrokeFont.width($1, size: size)) }
  }

  /// `text` in lines of at most `width`, broken at spaces.
  private static func wrapped(_ text: String, size: Double, width: Double) -> [String] {
    text.split(separator: " ").reduce(into: [String]()) { lines, word in
      let longer = lines.last.map { "\($0) \(word)" } ?? String(word)
      if lines.isEmpty || StrokeFont.width(longer, size: size) > width {
        lines.append(String(word))
      } else {
        lines[lines.count - 1] = longer
      }
    }
  }
}
