import Testing

import MaskReports

@Suite struct FigureTests {
  @Test func `numbers in cells never read as ones that mean something else`() {
    #expect(
      [0, 1, 0.999, 0.001, -0.001, 0.434].map(NumberText.figure) == [
        "0", "1", "1.00", "0.00", "0.00", "0.43",
      ]
    )
    #expect(
      [0, 0.04, 1.654, 24.12, 987, 5210].map(NumberText.shortRatio) == [
        "0", "0.04", "1.65", "24.1", "987", "5.21k",
      ]
    )
    #expect(
      [0, 0.004, 7.77, 86.2, 99.2, 99.99, 100].map(NumberText.percentFigure) == [
        "0", "0.00", "7.8", "86", "99.2", ">99.9", "100",
      ]
    )
  }

  @Test func `a scale has few round ticks and its low end at 0 or the least value`() {
    let scale = ColorScale("jaccard", of: [0.05, 0.71])
    #expect(scale.low == 0 && abs(scale.high - 0.8) < 1e-12 && scale.ticks.count == 5)
    let attained = ColorScale("attained", of: [-0.04, 0.93])
    #expect(attained.low == -0.04 && attained.ticks.first == 0 && attained.high == 1)
    #expect(ColorScale("nothing", of: []).high > 0)
  }

  @Test func `the ramp only ever gets darker`() {
    let lumas = (0...100).map { step in
      let channels = ColorRamp.color(Double(step) / 100).channels.map(Double.init)
      return 0.299 * channels[0] + 0.587 * channels[1] + 0.114 * channels[2]
    }
    #expect(zip(lumas, lumas.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test func `every printable ASCII letter has a glyph of its own`() {
    let missing = StrokeFont.glyph("漢").strokes
    for code in UInt8(0x21)...0x7E {
      let glyph = StrokeFont.glyph(Character(UnicodeScalar(code)))
      #expect(!glyph.strokes.isEmpty && glyph.strokes != missing, "\(UnicodeScalar(code))")
    }
    #expect(StrokeFont.glyph(" ").strokes.isEmpty)
  }

  @Test func `rectangles and lines are painted where they stand`() {
    var drawing = Drawing(width: 8, height: 8)
    drawing.fill(2, 2, 3, 1, Color(0x102030))
    drawing.draw([(0, 6.5), (8, 6.5)], width: 1, Color(0))
    let canvas = Canvas(drawing, scale: 1)
    func pixel(_ x: Int, _ y: Int) -> [UInt8] {
      let start = 3 * (8 * y + x)
      return Array(canvas.pixels[start..<start + 3])
    }
    #expect(pixel(2, 2) == [0x10, 0x20, 0x30] && pixel(4, 2) == [0x10, 0x20, 0x30])
    #expect(pixel(5, 2) == [255, 255, 255] && pixel(2, 1) == [255, 255, 255])
    #expect(pixel(4, 6) == [0, 0, 0] && pixel(4, 5) == [255, 255, 255])
  }
}
