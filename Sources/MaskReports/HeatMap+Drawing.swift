internal import MaskQuery

extension HeatMap {
  /// The drawing.
  var drawing: Drawing {
    let layout = HeatMapLayout(self)
    var page = Drawing(width: layout.width, height: layout.height)
    drawHead(on: &page)
    drawCells(on: &page, layout)
    drawLabels(on: &page, layout)
    if let tree { draw(tree, on: &page, layout) }
    drawLegend(on: &page, layout)
    for (line, note) in layout.notes.enumerated() {
      let y = layout.notesTop + 15 * Double(line)
      page.write(note, HeatMapLayout.margin, y, size: 11, .start, .quiet)
    }
    return page
  }

  private func drawHead(on page: inout Drawing) {
    let place = Drawing.Point(x: HeatMapLayout.margin, y: HeatMapLayout.margin + 13)
    page.write(Drawing.Label(text: title.printable, place: place, size: 17, isBold: true))
    for (line, text) in subtitles.enumerated() {
      let y = place.y + 22 + HeatMapLayout.subtitleStep * Double(line)
      page.write(text, place.x, y, size: 12, .start, .quiet)
    }
  }

  private func drawCells(on page: inout Drawing, _ layout: HeatMapLayout) {
    for (row, place) in rowOrder.enumerated() {
      for (column, other) in columnOrder.enumerated() {
        let x = layout.left + layout.cellWidth * Double(column)
        let y = layout.top + layout.cellHeight * Double(row)
        draw(cells[place][other], on: &page, x, y, layout)
      }
    }
  }

  private func draw(
    _ cell: Cell,
    on page: inout Drawing,
    _ x: Double,
    _ y: Double,
    _ layout: HeatMapLayout
  ) {
    let (width, height) = layout.filled
    switch cell {
    case .blank: page.fill(x, y, width, height, .blank)
    case .missing:
      page.fill(x, y, width, height, .faint)
      let (middle, side) = ((x + width / 2, y + height / 2), min(width, height))
      page.draw([middle, middle], width: min(side / 8, 3), .quiet)
    case .value(let value):
      let color = ColorRamp.color(scale.share(value))
      page.fill(x, y, width, height, color)
      guard let size = layout.valueSize else { return }
      let baseline = y + (height + StrokeFont.capital(size)) / 2
      let ink = color.isDark ? Color.paper : .ink
      page.write(words(value), x + width / 2, baseline, size: size, .middle, ink)
    }
  }

  private func drawLabels(on page: inout Drawing, _ layout: HeatMapLayout) {
    let (rowSize, columnSize) = (layout.rowLabelSize, layout.columnLabelSize)
    for (row, place) in rowOrder.enumerated() {
      let middle = (layout.cellHeight + StrokeFont.capital(rowSize)) / 2
      let y = layout.top + layout.cellHeight * Double(row) + middle
      page.write(rowLabels[place].printable, layout.left - 8, y, size: rowSize, .end)
    }
    for (column, other) in columnOrder.enumerated() {
      let middle = (layout.cellWidth + StrokeFont.capital(columnSize)) / 2
      let place = Drawing.Point(
        x: layout.left + layout.cellWidth * Double(column) + middle,
        y: layout.top + layout.gridHeight + 8
      )
      var label = Drawing.Label(text: columnLabels[other].printable, place: place, size: columnSize)
      (label.anchor, label.isUpright) = (.end, true)
      page.write(label)
    }
  }

  private func drawLegend(on page: inout Drawing, _ layout: HeatMapLayout) {
    let height = min(layout.gridHeight - 1, 230)
    let steps = 64
    for step in 0..<steps {
      let y = layout.top + height * Double(step) / Double(steps)
      let color = ColorRamp.color(1 - (Double(step) + 0.5) / Double(steps))
      page.fill(layout.legendLeft, y, 14, height / Double(steps) + 0.5, color)
    }
    for tick in scale.ticks {
      let y = layout.top + height * (1 - scale.share(tick))
      let x = layout.legendLeft + 14
      page.draw([(x, y), (x + 4, y)], width: 1, .quiet)
      page.write(words(tick), x + 8, y + StrokeFont.capital(11) / 2, size: 11, .start, .quiet)
    }
  }
}
