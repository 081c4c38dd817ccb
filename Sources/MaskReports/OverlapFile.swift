internal import ByteFormats
public import MaskQuery

/// An overlap as it is written to a file or to stdout, with what is needed to read it years later:
/// labels, definition, compare dtype, nulls, direction and the version of maskdb.
public struct OverlapFile: Sendable {
  /// What is written.
  public let report: OverlapReport
  /// The value of formats that hold one matrix.
  public let value: PairStatistic
  /// The nulls of formats that are tables.
  public let tableNulls: [Null]
  /// The most pairs of the terminal's table.
  public let rowLimit: Int?
  /// Whether a matrix in CSV says how it was made in lines that begin with `#`, not in columns.
  public let hasComments: Bool
  /// The version of maskdb.
  public let version: String

  /// `report` as maskdb `version` writes it.
  public init(
    _ report: OverlapReport,
    value: PairStatistic = .metric(.jaccard),
    tableNulls: [Null] = OverlapReport.tableNulls,
    rowLimit: Int? = nil,
    hasComments: Bool = false,
    version: String
  ) {
    self.report = report
    self.value = value
    self.tableNulls = tableNulls
    self.rowLimit = rowLimit
    self.hasComments = hasComments
    self.version = version
  }
}

extension OverlapFile {
  /// The bytes of `format`.
  public func bytes(_ format: OverlapFormat) -> [UInt8] {
    switch format {
    case .table: Array(table.utf8)
    case .json: Array((json.serialized(.pretty) + "\n").utf8)
    case .ndjson: Array(ndjson.utf8)
    case .csv: Array(csv.utf8)
    case .longCSV: Array(longCSV.utf8)
    case .markdown: Array(markdown.utf8)
    case .latex: Array(latex.utf8)
    case .npz: npz
    case .svg: picture.svg
    case .png: picture.png
    }
  }

  private var json: JSONValue {
    var members = report.json.object ?? [:]
    members["maskdb_version"] = .string(version)
    return .object(members)
  }

  private var table: String {
    report.table(nulls: tableNulls, rowLimit: rowLimit) + "maskdb \(version).\n"
  }

  /// Which tensors the figures are over, where some were left out by name.
  var tensors: String? { report.tensors.flatMap(MaskFooter.leftOut) }

  /// The matrix of `value`.
  var matrix: PairMatrix { PairMatrix(report, value) }

  /// Which way matrices of coverage read, whatever the value.
  static let coverageDirection = "coverage_a = |A∩B|/|A|, coverage_b = |A∩B|/|B|"
}
