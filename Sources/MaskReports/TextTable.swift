/// A table of aligned columns for a terminal or a log.
///
/// Cells are never cut. Where rows are left out, a line under the table says how many.
public struct TextTable: Sendable {
  /// On which side of its column a text stands.
  public enum Alignment: Sendable, Hashable {
    /// For words.
    case left
    /// For numbers.
    case right
  }

  /// A column's headings.
  public struct Column: Sendable, Hashable {
    /// What stands over the heading, once over neighbours that share it.
    public let group: String?
    /// The heading.
    public let heading: String
    /// The side.
    public let alignment: Alignment

    /// A column of numbers unless `alignment` says otherwise.
    public init(_ heading: String, group: String? = nil, _ alignment: Alignment = .right) {
      self.heading = heading.printable
      self.group = group?.printable
      self.alignment = alignment
    }
  }

  /// The text of one cell, and the mark of a footnote that hangs behind it.
  public struct Cell: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The text.
    public let text: String
    /// The mark, such as `[1]`, or nothing.
    public let mark: String

    /// A cell of `text`, with `mark` behind it.
    public init(_ text: String, mark: String = "") {
      self.text = text.printable
      self.mark = mark
    }

    /// A cell of a literal text.
    public init(stringLiteral text: String) { self.init(text) }
  }

  /// The columns.
  public let columns: [Column]
  /// The rows, each of as many cells as there are columns.
  public private(set) var rows: [[Cell]] = []
  /// What stands under the rows where some were left out.
  public private(set) var omission: String?

  /// An empty table.
  public init(_ columns: [Column]) { self.columns = columns }

  /// Appends a row, which must have a cell for every column.
  public mutating func append(_ row: [Cell]) {
    precondition(row.count == columns.count, "a row has a cell for every column")
    rows.append(row)
  }

  /// Notes how many of `count` rows, called `things`, were left out beyond `limit`, if any.
  public mutating func omit(rowsBeyond limit: Int?, of count: Int, _ things: String) {
    guard let limit, count > limit else { return }
    omission =
      "(\(NumberText.count(count - limit)) of \(NumberText.count(count)) \(things) left out)"
  }
}
