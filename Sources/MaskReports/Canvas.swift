/// Pixels that a drawing is painted on, each line smoothed at its edges.
package struct Canvas {
  package let width: Int
  package let height: Int
  /// Red, green and blue of every pixel, row by row.
  package private(set) var pixels: [UInt8]
  /// The pixels of a unit of the drawing.
  private let scale: Double

  /// A white page for `drawing`, with `scale` pixels to its unit, and the drawing on it.
  package init(_ drawing: Drawing, scale: Double) {
    self.scale = scale
    width = max(Int((drawing.width * scale).rounded()), 1)
    height = max(Int((drawing.height * scale).rounded()), 1)
    pixels = [UInt8](repeating: 255, count: 3 * width * height)
    for shape in drawing.shapes { paint(shape) }
  }

  private mutating func paint(_ shape: Drawing.Shape) {
    switch shape {
    case .rectangle(let corner, let width, let height, let color):
      fill(corner, width, height, color)
    case .path(let points, let width, let color):
      let points = points.map { Drawing.Point(x: $0.x * scale, y: $0.y * scale) }
      stroke([points], radius: width * scale / 2, color)
    case .label(let label): paint(label)
    }
  }

  /// Fills a rectangle, its edges moved to whole pixels.
  private mutating func fill(
    _ corner: Drawing.Point,
    _ width: Double,
    _ height: Double,
    _ color: Color
  ) {
    func pixel(_ place: Double, _ limit: Int) -> Int {
      min(max(Int((place * scale).rounded()), 0), limit)
    }
    let columns = pixel(corner.x, self.width)..<pixel(corner.x + width, self.width)
    let channels = color.channels
    for y in pixel(corner.y, self.height)..<pixel(corner.y + height, self.height) {
      for x in columns { set(x, y, channels) }
    }
  }

  private mutating func set(_ x: Int, _ y: Int, _ channels: [UInt8]) {
    let place = 3 * (y * width + x)
    for channel in 0..<3 { pixels[place + channel] = channels[channel] }
  }

  private mutating func paint(_ label: Drawing.Label) {
    let unit = StrokeFont.unit(label.size) * scale
    let length = StrokeFont.width(label.text, size: label.size) - 3 * StrokeFont.unit(label.size)
    var pen = -label.anchor.share * length * scale
    let radius = label.size * scale * (label.isBold ? 0.066 : 0.043)
    for character in label.text {
      let glyph = StrokeFont.glyph(character)
      let strokes = glyph.strokes.map { stroke in
        stroke.map { place(pen + $0.x * unit, $0.y * unit, label) }
      }
      stroke(strokes, radius: radius, label.color)
      pen += glyph.advance * unit
    }
  }

  /// Where a point `along` and `above` the baseline of `label` is.
  private func place(_ along: Double, _ above: Double, _ label: Drawing.Label) -> Drawing.Point {
    let (x, y) = (label.place.x * scale, label.place.y * scale)
    return label.isUpright
      ? Drawing.Point(x: x - above, y: y - along) : Drawing.Point(x: x + along, y: y - above)
  }
}

extension Canvas {
  /// Draws lines with round ends; where they cross, the colour is not laid on twice.
  private mutating func stroke(_ lines: [[Drawing.Point]], radius: Double, _ color: Color) {
    let points = lines.flatMap(\.self)
    guard let mask = CoverageMask(around: points, reach: radius + 1, width, height) else { return }
    var coverage = mask
    for line in lines {
      for (start, end) in zip(line, line.dropFirst()) { coverage.cover(start, end, radius) }
    }
    blend(coverage, color)
  }

  private mutating func blend(_ mask: CoverageMask, _ color: Color) {
    let channels = color.channels.map(Double.init)
    for (row, y) in mask.rows.enumerated() {
      for (column, x) in mask.columns.enumerated() {
        let share = mask.shares[row * mask.columns.count + column]
        guard share > 0 else { continue }
        let place = 3 * (y * width + x)
        for channel in 0..<3 {
          let below = Double(pixels[place + channel])
          pixels[place + channel] = UInt8(below + (channels[channel] - below) * share + 0.5)
        }
      }
    }
  }
}

extension Drawing.Label.Anchor {
  /// How much of the text stands before its place.
  fileprivate var share: Double {
    switch self {
    case .start: 0
    case .middle: 0.5
    case .end: 1
    }
  }
}

/// How much of every pixel of a rectangle a shape covers.
private struct CoverageMask {
  let columns: Range<Int>
  let rows: Range<Int>
  private(set) var shares: [Double]

  /// Nothing covered yet, `reach` pixels around `points` as far as the page of `width` x `height`
  /// goes; nil where that is nothing.
  init?(around points: [Drawing.Point], reach: Double, _ width: Int, _ height: Int) {
    columns = Self.pixels(points.map(\.x), reach, width)
    rows = Self.pixels(points.map(\.y), reach, height)
    guard !columns.isEmpty, !rows.isEmpty else { return nil }
    shares = [Double](repeating: 0, count: columns.count * rows.count)
  }

  private static func pixels(_ places: [Double], _ reach: Double, _ limit: Int) -> Range<Int> {
    guard let least = places.min(), let most = places.max() else { return 0..<0 }
    let low = min(max(Int((least - reach).rounded(.down)), 0), limit)
    return low..<min(max(Int((most + reach).rounded(.up)), low), limit)
  }

  /// Covers what is at most `radius` from the line from `start` to `end`.
  mutating func cover(_ start: Drawing.Point, _ end: Drawing.Point, _ radius: Double) {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let square = dx * dx + dy * dy
    let rows = Self.pixels([start.y, end.y], radius + 1, self.rows.upperBound).clamped(to: rows)
    let columns = Self.pixels([start.x, end.x], radius + 1, self.columns.upperBound)
      .clamped(to: columns)
    for y in rows {
      for x in columns {
        let (px, py) = (Double(x) + 0.5 - start.x, Double(y) + 0.5 - start.y)
        let along = square > 0 ? min(max((px * dx + py * dy) / square, 0), 1) : 0
        let (ox, oy) = (px - along * dx, py - along * dy)
        let share = min(max(radius + 0.5 - (ox * ox + oy * oy).squareRoot(), 0), 1)
        let place = (y - self.rows.lowerBound) * self.columns.count + x - self.columns.lowerBound
        if share > shares[place] { shares[place] = share }
      }
    }
  }
}
