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
  /// How it is written.
  public let options: WritingOptions

  /// `report` as `options` have it.
  public init(
    _ report: OverlapReport,
    value: PairStatistic = .metric(.jaccard),
    tableNulls: [Null] = OverlapReport.tableNulls,
    options: WritingOptions
  ) {
    self.report = report
    self.value = value
    self.tableNulls = tableNulls
    self.options = options
  }
}

extension OverlapFile {
  /// The bytes of `format`.
  public func bytes(_ format: ReportFormat) -> [UInt8] {
    switch format {
    case .npz: npz
    case .svg: picture.svg
    case .png: picture.png
    default: Array(text(format).utf8)
    }
  }

  private func text(_ format: ReportFormat) -> String {
    switch format {
    case .json: report.json.stamped(version).serialized(.pretty) + "\n"
    case .ndjson: ndjson
    case .csv: csv
    case .longCSV: report.records.csv(options)
    case .markdown: document(onPaper: true).markdown(version: version)
    case .latex: document(onPaper: true).latex(version: version)
    default: document(onPaper: false).appending("maskdb \(version).\n").text
    }
  }

  /// The version of maskdb.
  var version: String { options.version }

  /// Which tensors the figures are over, where some were left out by name.
  var tensors: String? { report.tensors.flatMap(MaskFooter.leftOut) }

  /// The matrix of `value`.
  var matrix: PairMatrix { PairMatrix(report, value) }
}
