/// How a report is written.
///
/// Not every report has every format.
public enum ReportFormat: String, Sendable, Hashable, CaseIterable {
  /// An aligned table for a terminal or a log.
  case table
  /// What the schemas in `Schemas/` say.
  case json
  /// A line of JSON with what holds for all rows, then one a row.
  case ndjson
  /// Comma-separated values: of an overlap a square matrix, else one line a row.
  case csv
  /// One line a pair with every value, comma-separated.
  case longCSV = "long-csv"
  /// A table for Markdown.
  case markdown = "md"
  /// A table for LaTeX with the package booktabs.
  case latex
  /// Matrices for numpy.
  case npz
  /// A heat map, as vector graphics.
  case svg
  /// The same heat map in pixels.
  case png
}

extension ReportFormat {
  /// Whether the format is of bytes that a terminal cannot show.
  public var isBinary: Bool { self == .npz || self == .png }

  /// Whether it is a figure.
  public var isFigure: Bool { self == .svg || self == .png }
}
