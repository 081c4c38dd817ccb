internal import MaskQuery

/// A matrix as coloured cells, with what is needed to read it without its context.
struct HeatMap: Sendable {
  /// A tree over the columns.
  struct Tree: Sendable {
    let linkage: Linkage
    /// What its heights are, in words.
    let distance: String
  }

  /// The headline.
  var title: String
  /// Lines under it.
  var subtitles: [String]
  var rowLabels: [String]
  var columnLabels: [String]
  var values: [[Double?]]
  /// The columns in the order in which they stand; the rows too where the matrix is square.
  var columnOrder: [Int]
  var rowOrder: [Int]
  /// Whether cells with one mask on both sides are left grey.
  var hidesDiagonal = false
  var tree: Tree?
  var scale: ColorScale
  /// How a value reads in a cell.
  var words: @Sendable (Double) -> String
  /// Lines under the matrix.
  var notes: [String]
}

/// What colours stand for.
struct ColorScale: Sendable {
  /// The value of the lightest colour.
  let low: Double
  /// The value of the darkest colour.
  let high: Double
  /// The values with a mark.
  let ticks: [Double]
  /// What the values are.
  let name: String

  /// A scale that spans 0 and `values`, its ends rounded to a tick.
  init(_ name: String, of values: [Double]) {
    self.name = name
    let (least, most) = (min(values.min() ?? 0, 0), max(values.max() ?? 0, 0))
    let step = Self.step(most - least)
    let first = (least / step).rounded(.down)
    let last = max((most / step).rounded(.up), first + 1)
    (low, high) = (first * step, last * step)
    ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  /// 1, 2 or 5 times a power of ten, so that `span` has about five ticks.
  private static func step(_ span: Double) -> Double {
    guard span > 0 else { return 1 }
    var power = 1.0
    while power > span / 5 { power /= 10 }
    while power * 10 <= span / 5 { power *= 10 }
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= span / 5 } ?? power
  }

  /// Where `value` lies between the ends, 0...1.
  func share(_ value: Double) -> Double { (value - low) / (high - low) }
}
