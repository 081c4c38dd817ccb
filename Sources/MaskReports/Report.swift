public import ByteFormats

/// What a command answers, in every format that is made of text.
public protocol Report: Sendable {
  /// The report as the schema that it names has it, but for the version of maskdb.
  var json: JSONValue { get }
  /// The report as people read it, with at most `rowLimit` rows of its longest table.
  func document(rowLimit: Int?) -> ReportDocument
  /// The report as CSV has it.
  var records: RecordTable { get }
  /// The list in `json` whose elements are lines of their own in NDJSON; nil where there is none.
  static var listKey: String? { get }
}

/// Choices in how a report is written.
public struct WritingOptions: Sendable, Hashable {
  /// The most rows of the longest table that people read; a line says how many are left out.
  public var rowLimit: Int?
  /// Whether CSV says what holds for all rows in lines that begin with `#`, not in columns.
  public var hasComments: Bool
  /// The version of maskdb.
  public var version: String

  /// Every row, and columns, unless said otherwise.
  public init(rowLimit: Int? = nil, hasComments: Bool = false, version: String) {
    self.rowLimit = rowLimit
    self.hasComments = hasComments
    self.version = version
  }
}

extension Report {
  /// No list has lines of its own.
  public static var listKey: String? { nil }

  /// The report for a terminal: lines, each ended by a line break.
  public func text(rowLimit: Int? = nil) -> String { document(rowLimit: rowLimit).text }

  /// The bytes of `format`, which must be one of text that the report has.
  public func bytes(_ format: ReportFormat, _ options: WritingOptions) -> [UInt8] {
    Array(text(format, options).utf8)
  }

  private func text(_ format: ReportFormat, _ options: WritingOptions) -> String {
    let document = document(rowLimit: options.rowLimit)
    return switch format {
    case .table: document.appending("maskdb \(options.version).\n").text
    case .json: json.stamped(options.version).serialized(.pretty) + "\n"
    case .ndjson: lines(options.version)
    case .csv, .longCSV: records.csv(options)
    case .markdown: document.markdown(version: options.version)
    case .latex: document.latex(version: options.version)
    case .npz, .svg, .png: preconditionFailure("a report of text has no format \(format.rawValue)")
    }
  }

  /// What holds for all rows, under the schema's name with `.lines`; then the rows.
  private func lines(_ version: String) -> String {
    var head = json.stamped(version).object ?? [:]
    let rows = Self.listKey.flatMap { head[$0]?.array } ?? []
    let schema = head["schema"]?.string?.split(separator: "/") ?? []
    head["schema"] = .string(schema.joined(separator: ".lines/"))
    if let listKey = Self.listKey { head[listKey] = nil }
    return ([.object(head)] + rows).map { $0.serialized() + "\n" }.joined()
  }
}

extension JSONValue {
  /// The object with the version of maskdb as its last member.
  func stamped(_ version: String) -> JSONValue {
    var members = object ?? [:]
    members["maskdb_version"] = .string(version)
    return .object(members)
  }
}
