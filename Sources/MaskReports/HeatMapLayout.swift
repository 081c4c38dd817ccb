/// Where the parts of a heat map stand.
struct HeatMapLayout {
  static let margin = 24.0
  static let subtitleStep = 17.0
  static let treeHeight = 84.0

  /// The size of a cell with the gap behind it.
  let cellWidth: Double
  let cellHeight: Double
  /// The sizes of labels beside and under cells.
  let rowLabelSize: Double
  let columnLabelSize: Double
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
    (cellWidth, cellHeight) = Self.cell(map.rowLabels.count, map.columnLabels.count)
    rowLabelSize = min(13, max(cellHeight * 0.9, 4))
    columnLabelSize = min(13, max(cellWidth * 0.9, 4))
    let texts = map.cells.flatMap { $0.compactMap(\.number) }.map(map.words)
    valueSize = Self.valueSize(texts, cellWidth, cellHeight)
    let rowWidth = Self.widest(map.rowLabels, rowLabelSize)
    let axis = map.tree == nil ? 0 : 46.0
    left = Self.margin + max(rowWidth + 10, axis)
    let headHeight = 26 + Self.subtitleStep * Double(map.subtitles.count)
    top = Self.margin + headHeight + 10 + (map.tree == nil ? 0 : Self.treeHeight + 10)
    gridWidth = cellWidth * Double(map.columnLabels.count)
    gridHeight = cellHeight * Double(map.rowLabels.count)
    legendLeft = left + gridWidth + 28
    let legendWidth = 14 + 8 + Self.widest(map.scale.ticks.map(map.words), 11) + 6
    let inner = max(legendLeft + legendWidth - Self.margin, Self.headWidth(map), 420)
    width = inner + 2 * Self.margin
    notes = map.notes.flatMap { Self.wrapped($0, size: 11, width: inner) }
    notesTop = top + gridHeight + Self.widest(map.columnLabels, columnLabelSize) + 10 + 30
    height = notesTop + 15 * Double(notes.count) + Self.margin - 12
  }

  /// The part of a cell that is filled.
  var filled: (width: Double, height: Double) {
    let gap = min(cellWidth, cellHeight) >= 14 ? 1.0 : 0
    return (cellWidth - gap, cellHeight - gap)
  }

  /// The size of a cell of `rows` x `columns`: a square where there are as many of both; a tall map
  /// keeps room for numbers as long as that fits a page.
  private static func cell(_ rows: Int, _ columns: Int) -> (width: Double, height: Double) {
    func side(_ count: Int) -> Double {
      min(max((900 / Double(max(count, 1))).rounded(.down), 5), 46)
    }
    let least = rows > columns && rows <= 128 ? min(14, side(columns)) : 0
    return (side(columns), max(side(rows), least))
  }

  /// The largest size at which every text fits a cell, down to what can be read.
  private static func valueSize(_ texts: [String], _ width: Double, _ height: Double) -> Double? {
    let unit = widest(texts, 1)
    let size = unit > 0 ? min((width - 7) / unit, 12.5, height * 0.6) : 0
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
