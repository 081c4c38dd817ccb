internal import ArgumentParser
internal import MaskDB
internal import MaskReports
internal import SystemPackage

/// The formats that a command writes.
protocol FormatFamily {
  /// The formats, the default first.
  static var formats: [ReportFormat] { get }
  /// What needs saying of them in the help.
  static var help: String { get }
}

/// How an answer is written, and where.
struct FormatOptions<Family: FormatFamily>: ParsableArguments {
  @Option(
    name: .customLong("format"),
    help: ArgumentHelp(
      "\(Family.help) Default: what the name of the file of -o ends with (.tex is latex, .jsonl ndjson), "
        + "else table.",
      valueName: "format"
    )
  )
  var formatName: String?

  @Flag(help: "The same as --format json, as the schemas in Schemas/ say.")
  var json = false

  @Flag(help: "Write what holds for all lines of CSV in lines that begin with #, not in columns.")
  var csvComments = false

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The file to write or replace; default stdout.", valueName: "path")
  )
  var output: String?

  func validate() throws {
    let format = try format()
    guard csvComments, format != .csv, format != .longCSV else { return }
    let names = [ReportFormat.csv, .longCSV].filter(Family.formats.contains).map(\.rawValue)
    throw ValidationError("--csv-comments goes with --format \(names.joined(separator: " or ")).")
  }

  /// The format that is asked for.
  func format() throws -> ReportFormat {
    guard let formatName else { return json ? .json : try formatOfFile() ?? .table }
    guard let format = ReportFormat(rawValue: formatName), Family.formats.contains(format) else {
      let names = Family.formats.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(formatName)' is no format; use \(names).")
    }
    if json, format != .json {
      throw ValidationError("--json means --format json; leave one of them out.")
    }
    return format
  }

  /// The format that the file's name ends with; nil where it names none.
  private func formatOfFile() throws -> ReportFormat? {
    guard let ending = output.flatMap({ FilePath($0).extension }),
      let format = ReportFormat(fileEnding: ending)
    else { return nil }
    guard Family.formats.contains(format) else {
      let names = Family.formats.map(\.rawValue).joined(separator: ", ")
      throw ValidationError(
        "This command writes no .\(ending) files; with --format it writes \(names) into any file."
      )
    }
    return format
  }

  /// The format, where its bytes may go where they are sent.
  func checkedFormat() throws -> ReportFormat {
    let format = try format()
    try Output.checkPlace(isBinary: format.isBinary, path: output)
    return format
  }

  /// How it is written, with at most `rowLimit` rows.
  func writing(rowLimit: Int?) -> WritingOptions {
    WritingOptions(
      rowLimit: rowLimit,
      hasComments: csvComments,
      version: MaskDBRelease.version
    )
  }

  /// Writes `report`, which is not a figure.
  func write(_ report: some Report, rowLimit: Int? = nil) throws {
    try Output.write(report.bytes(format(), writing(rowLimit: rowLimit)), to: output)
  }
}
