/// Shapes on a page, the later over the earlier; what SVG and PNG are made of.
///
/// Lengths are in pixels of a screen, 96 to the inch; y points down.
package struct Drawing: Sendable, Hashable {
  /// A point.
  package struct Point: Sendable, Hashable {
    var x: Double
    var y: Double
  }

  /// A line of text.
  package struct Label: Sendable, Hashable {
    /// Which end of the text stands at its place.
    package enum Anchor: String, Sendable {
      case start
      case middle
      case end
    }

    var text: String
    /// Where the anchor stands on the baseline.
    var place: Point
    var size: Double
    var anchor = Anchor.start
    var color = Color.ink
    var isBold = false
    /// Whether the text reads from bottom to top.
    var isUpright = false
  }

  package enum Shape: Sendable, Hashable {
    case rectangle(Point, width: Double, height: Double, Color)
    case path([Point], width: Double, Color)
    case label(Label)
  }

  package let width: Double
  package let height: Double
  private(set) var shapes: [Shape] = []

  /// An empty page.
  package init(width: Double, height: Double) {
    self.width = width.rounded(.up)
    self.height = height.rounded(.up)
  }

  /// Fills a rectangle.
  package mutating func fill(
    _ x: Double,
    _ y: Double,
    _ width: Double,
    _ height: Double,
    _ color: Color
  ) {
    shapes.append(.rectangle(Point(x: x, y: y), width: width, height: height, color))
  }

  /// Draws a line through `points`.
  package mutating func draw(_ points: [(Double, Double)], width: Double = 1, _ color: Color = .ink)
  {
    shapes.append(.path(points.map { Point(x: $0.0, y: $0.1) }, width: width, color))
  }

  /// Writes `label`.
  package mutating func write(_ label: Label) { shapes.append(.label(label)) }

  /// Writes `text` at a place.
  package mutating func write(
    _ text: String,
    _ x: Double,
    _ y: Double,
    size: Double,
    _ anchor: Label.Anchor = .start,
    _ color: Color = .ink
  ) {
    write(Label(text: text, place: Point(x: x, y: y), size: size, anchor: anchor, color: color))
  }
}

extension Drawing {
  /// `drawings` one under another.
  package static func stacked(_ drawings: [Drawing]) -> Drawing {
    var page = Drawing(
      width: drawings.map(\.width).max() ?? 0,
      height: drawings.reduce(0) { $0 + $1.height }
    )
    var top = 0.0
    for drawing in drawings {
      page.shapes += drawing.shapes.map { $0.moved(by: top) }
      top += drawing.height
    }
    return page
  }
}

extension Drawing.Shape {
  fileprivate func moved(by distance: Double) -> Drawing.Shape {
    switch self {
    case .rectangle(let corner, let width, let height, let color):
      return .rectangle(corner.moved(by: distance), width: width, height: height, color)
    case .path(let points, let width, let color):
      return .path(points.map { $0.moved(by: distance) }, width: width, color)
    case .label(var label):
      label.place = label.place.moved(by: distance)
      return .label(label)
    }
  }
}

extension Drawing.Point {
  fileprivate func moved(by distance: Double) -> Drawing.Point {
    Drawing.Point(x: x, y: y + distance)
  }
}
