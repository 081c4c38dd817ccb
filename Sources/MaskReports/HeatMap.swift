internal import MaskQuery

/// A matrix as coloured cells, with what is needed to read it without its context.
package struct HeatMap: Sendable {
  /// A tree over the columns.
  package struct Tree: Sendable {
    let linkage: Linkage
    /// What its heights are, in words.
    let distance: String
  }

  /// What one cell shows.
  package enum Cell: Sendable, Hashable {
    /// A colour, and the number where it fits.
    case value(Double)
    /// Grey: there is nothing here to have a value.
    case blank
    /// A dot: there should be a value, and is none.
    case missing
  }

  /// The headline.
  package var title: String
  /// Lines under it.
  package var subtitles: [String]
  package var rowLabels: [String]
  package var columnLabels: [String]
  /// The cells, row by row.
  package var cells: [[Cell]]
  /// The columns in the order in which they stand; the rows too where the matrix is square.
  package var columnOrder: [Int]
  package var rowOrder: [Int]
  package var tree: Tree?
  package var scale: ColorScale
  /// How a value reads in a cell.
  package var words: @Sendable (Double) -> String
  /// Lines under the matrix.
  package var notes: [String]
}

extension HeatMap.Cell {
  /// The number, if it has one.
  var number: Double? { if case .value(let number) = self { number } else { nil } }
}

/// What colours stand for.
package struct ColorScale: Sendable {
  /// The value of the lightest colour.
  package let low: Double
  /// The value of the darkest colour.
  package let high: Double
  /// The values with a mark.
  package let ticks: [Double]
  /// What the values are.
  package let name: String

  /// A scale from 0, or the least of `values` if that is below, to a tick above the largest.
  package init(_ name: String, of values: [Double]) {
    self.name = name
    let (least, most) = (min(values.min() ?? 0, 0), max(values.max() ?? 0, 0))
    let step = Self.step(most - least)
    let first = (least / step).rounded(.up)
    let last = max((most / step).rounded(.up), first + 1)
    (low, high) = (least, last * step)
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
  package func share(_ value: Double) -> Double { (value - low) / (high - low) }
}
