/// A small font of lines for drawings in pixels, as wide as common sans-serif fonts.
///
/// It has printable ASCII and a few signs of mathematics; what it does not have is an empty box.
package enum StrokeFont {
  /// One letter.
  package struct Glyph: Sendable {
    /// How far to the right the next letter stands, in units.
    package let advance: Double
    /// Lines through points in units, y up from the baseline; capitals are 14 high.
    package let strokes: [[Drawing.Point]]
  }

  /// The glyph of `character`.
  package static func glyph(_ character: Character) -> Glyph { glyphs[character] ?? missing }

  /// The width of `text` in pixels at `size`.
  package static func width(_ text: String, size: Double) -> Double {
    text.reduce(0) { $0 + glyph($1).advance } * unit(size)
  }

  /// The pixels of a unit at `size`.
  package static func unit(_ size: Double) -> Double { size * 0.0515 }

  /// The height of a capital in pixels at `size`.
  package static func capital(_ size: Double) -> Double { 14 * unit(size) }

  private static let missing = Glyph("7: 0,0 7,0 7,14 0,14 0,0")

  private static let glyphs: [Character: Glyph] = Dictionary(
    StrokeFontShapes.lines.split(separator: "\n").map { line in
      (line.first ?? " ", Glyph(String(line.dropFirst())))
    },
    uniquingKeysWith: { first, _ in first }
  )
}

extension StrokeFont.Glyph {
  /// A glyph of `WIDTH: STROKE; STROKE`, a stroke of points `X,Y`.
  ///
  /// A stroke behind `~` is a quadratic B-spline from its first to its last point; behind `o` a
  /// closed one.
  fileprivate init(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1)
    advance = (parts.first.flatMap { Double($0.filter { $0 != " " }) } ?? 0) + 3
    let strokes = parts.count > 1 ? parts[1].split(separator: ";") : []
    self.strokes = strokes.map { Self.stroke($0) }
  }

  private static func stroke(_ text: Substring) -> [Drawing.Point] {
    let words = text.split(separator: " ")
    let points = words.filter { $0.contains(",") }.map { word in
      let numbers = word.split(separator: ",").map { Double($0) ?? 0 }
      return Drawing.Point(x: numbers[0], y: numbers[1])
    }
    switch words.first {
    case "~": return spline(points)
    case "o": return closedSpline(points)
    default: return points
    }
  }

  private static func closedSpline(_ corners: [Drawing.Point]) -> [Drawing.Point] {
    let start = middle(corners[0], corners[1])
    return spline([start] + corners.dropFirst() + [corners[0], start])
  }

  private static func spline(_ points: [Drawing.Point]) -> [Drawing.Point] {
    var curve = [points[0]]
    for place in 1..<points.count - 1 {
      let isLast = place == points.count - 2
      let end = isLast ? points[place + 1] : middle(points[place], points[place + 1])
      let start = curve[curve.count - 1]
      curve += (1...6).map { bend(start, points[place], end, Double($0) / 6) }
    }
    return curve
  }

  private static func middle(_ a: Drawing.Point, _ b: Drawing.Point) -> Drawing.Point {
    Drawing.Point(x: (a.x + b.x) / 2, y: (a.y + b.y) / 2)
  }

  /// The quadratic Bézier curve from `a` to `c`, drawn by `b`, at `t`.
  private static func bend(
    _ a: Drawing.Point,
    _ b: Drawing.Point,
    _ c: Drawing.Point,
    _ t: Double
  ) -> Drawing.Point {
    let (u, v, w) = ((1 - t) * (1 - t), 2 * t * (1 - t), t * t)
    return Drawing.Point(x: u * a.x + v * b.x + w * c.x, y: u * a.y + v * b.y + w * c.y)
  }
}
