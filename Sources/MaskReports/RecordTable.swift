internal import ByteFormats

/// Named values row by row, and what holds for all of them, as CSV has them.
public struct RecordTable: Sendable {
  /// A value under a name.
  typealias Field = (key: String, text: String)

  /// The names of the values of a row.
  let columns: [String]
  /// The values; of each row as many as there are columns.
  let rows: [[String]]
  /// What holds for all rows.
  let facts: [Field]
}

extension RecordTable {
  /// The members `columns` of every one of `rows`, those of a null under its name.
  init(_ columns: [String], of rows: [JSONObject], facts: [Field]) {
    self.columns = columns
    self.rows = rows.map { row in columns.map { row[$0].map(Self.text) ?? "" } }
    self.facts = facts
  }

  /// Lines that end with CR LF: the heading, then the rows.
  ///
  /// The facts stand in columns behind every row, or in comments before the heading.
  func csv(_ options: WritingOptions) -> String {
    let facts = facts + [("maskdb_version", options.version)]
    let (keys, texts) = options.hasComments ? ([], []) : (facts.map(\.key), facts.map(\.text))
    let lines = ([columns + keys] + rows.map { $0 + texts }).map(CSVLine.of)
    return (options.hasComments ? Self.comments(facts) : "") + lines.joined()
  }

  /// `facts` as lines that begin with `#`.
  static func comments(_ facts: [Field]) -> String {
    facts.map { "# \("\($0.key): \($0.text)".printable)\r\n" }.joined()
  }

  /// `value` in one field, empty where it is null.
  static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    case .array(let values): list(values)
    case .object(let members): members.values.map(text).joined(separator: ": ")
    default: value.serialized()
    }
  }

  private static func list(_ values: [JSONValue]) -> String {
    let isPlain = values.allSatisfy { $0.object == nil }
    return values.map(text).joined(separator: isPlain ? " " : "; ")
  }
}
