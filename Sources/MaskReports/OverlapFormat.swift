/// How an overlap is written.
public enum OverlapFormat: String, Sendable, Hashable, CaseIterable {
  /// An aligned table for a terminal or a log.
  case table
  /// The schema `maskdb.overlap/1`.
  case json
  /// A line of JSON with the masks, then one a pair.
  case ndjson
  /// A square matrix of one value, comma-separated.
  case csv
  /// One row a pair with every value, comma-separated.
  case longCSV = "long-csv"
  /// A table for Markdown.
  case markdown = "md"
  /// A table for LaTeX with the package booktabs.
  case latex
  /// Matrices for numpy.
  case npz
  /// A heat map with dendrogram, as vector graphics.
  case svg
  /// The same heat map in pixels.
  case png
}

extension OverlapFormat {
  /// Whether the format is of bytes that a terminal cannot show.
  public var isBinary: Bool { self == .npz || self == .png }
}
