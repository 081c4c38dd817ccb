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
    let gap = layout.cell >= 16 ? 1.0 : 0
    for (row, mask) in rowOrder.enumerated() {
      for (column, other) in columnOrder.enumerated() {
        let x = layout.left + layout.cell * Double(column)
        let y = layout.top + layout.cell * Double(row)
        let side = layout.cell - gap
        let isHidden = hidesDiagonal && mask == other
        guard !isHidden, let value = values[mask][other] else {
          page.fill(x, y, side, side, .blank)
          if !isHidden { page.draw([(x, y + side), (x + side, y)], width: 0.7, .quiet) }
          continue
        }
        let color = ColorRamp.color(scale.share(value))
        page.fill(x, y, side, side, color)
        guard let size = layout.valueSize else { continue }
        let middle = y + (side + StrokeFont.capital(size)) / 2
        let ink = color.isDark ? Color.paper : .ink
        page.write(words(value), x + side / 2, middle, size: size, .middle, ink)
      }
    }
  }

  private func drawLabels(on page: inout Drawing, _ layout: HeatMapLayout) {
    let size = layout.labelSize
    let half = (layout.cell + StrokeFont.capital(size)) / 2
    for (row, mask) in rowOrder.enumerated() {
      let y = layout.top + layout.cell * Double(row) + half
      page.write(rowLabels[mask].printable, layout.left - 8, y, size: size, .end)
    }
    for (column, mask) in columnOrder.enumerated() {
      let place = Drawing.Point(
        x: layout.left + layout.cell * Double(column) + half,
        y: layout.top + layout.gridHeight + 8
      )
      var label = Drawing.Label(text: columnLabels[mask].printable, place: place, size: size)
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

extension HeatMap {
  /// Draws `tree` over the columns, and an axis of its heights.
  private func draw(_ tree: Tree, on page: inout Drawing, _ layout: HeatMapLayout) {
    let merges = tree.linkage.merges
    let least = min(merges.map(\.height).min() ?? 0, 0)
    let most = max(merges.map(\.height).max() ?? 0, least + 1e-12)
    let bottom = layout.top - 6
    func level(_ height: Double) -> Double {
      bottom - (height - least) / (most - least) * HeatMapLayout.treeHeight
    }
    var places = columnLabels.map { _ in (x: 0.0, y: bottom) }
    for (column, mask) in columnOrder.enumerated() {
      places[mask].x = layout.left + layout.cell * (Double(column) + 0.5)
    }
    for merge in merges {
      let (left, right, y) = (places[merge.left], places[merge.right], level(merge.height))
      page.draw(
        [(left.x, left.y), (left.x, y), (right.x, y), (right.x, right.y)],
        width: layout.cell < 12 ? 0.7 : 1.2
      )
      places.append(((left.x + right.x) / 2, y))
    }
    drawAxis(on: &page, layout.left - 8, [(least, bottom), (most, level(most))])
  }

  private func drawAxis(on page: inout Drawing, _ x: Double, _ ends: [(Double, Double)]) {
    page.draw(ends.map { (x, $0.1) }, width: 1, .quiet)
    for (value, y) in ends {
      page.draw([(x - 4, y), (x, y)], width: 1, .quiet)
      page.write(words(value), x - 7, y + StrokeFont.capital(11) / 2, size: 11, .end, .quiet)
    }
  }
}
