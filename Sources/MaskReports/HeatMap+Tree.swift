internal import MaskQuery

extension HeatMap {
  /// Draws `tree` over the columns, and an axis of its heights.
  func draw(_ tree: Tree, on page: inout Drawing, _ layout: HeatMapLayout) {
    let merges = tree.linkage.merges
    let least = min(merges.map(\.height).min() ?? 0, 0)
    let most = max(merges.map(\.height).max() ?? 0, least + 1e-12)
    let bottom = layout.top - 6
    func level(_ height: Double) -> Double {
      bottom - (height - least) / (most - least) * HeatMapLayout.treeHeight
    }
    var places = columnLabels.map { _ in (x: 0.0, y: bottom) }
    for (column, mask) in columnOrder.enumerated() {
      places[mask].x = layout.left + layout.cellWidth * (Double(column) + 0.5)
    }
    for merge in merges {
      let (left, right, y) = (places[merge.left], places[merge.right], level(merge.height))
      page.draw(
        [(left.x, left.y), (left.x, y), (right.x, y), (right.x, right.y)],
        width: layout.cellWidth < 12 ? 0.7 : 1.2
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
