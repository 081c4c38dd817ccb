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
  /// The format of files whose names end with a dot and `ending`; nil for other endings.
  public init?(fileEnding ending: String) {
    switch ending.lowercased() {
    case "txt": self = .table
    case "json": self = .json
    case "ndjson", "jsonl": self = .ndjson
    case "csv": self = .csv
    case "md", "markdown": self = .markdown
    case "tex": self = .latex
    case "npz": self = .npz
    case "svg": self = .svg
    case "png": self = .png
    default: return nil
    }
  }

  /// Whether the format is of bytes that a terminal cannot show.
  public var isBinary: Bool { self == .npz || self == .png }

  /// Whether it is a figure.
  public var isFigure: Bool { self == .svg || self == .png }
}
