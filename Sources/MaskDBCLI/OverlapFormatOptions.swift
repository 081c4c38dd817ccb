internal import ArgumentParser
internal import MaskDB
internal import MaskQuery
internal import MaskReports

/// How an overlap is written, and where.
struct OverlapFormatOptions: ParsableArguments {
  @Option(
    name: .customLong("format"),
    help: ArgumentHelp(
      "table, json, ndjson, csv (a square matrix of --value), long-csv (a row a pair), md, latex, "
        + "npz, svg or png (a heat map of --value). Default: table.",
      valueName: "format"
    )
  )
  var formatName: String?

  @Flag(help: "The same as --format json, as the schemas in Schemas/ say.")
  var json = false

  @Option(
    name: .customLong("value"),
    help: ArgumentHelp(
      "What a matrix or heat map shows: coverage (row A: |A∩B|/|A|), \(PairStatisticNames.all). "
        + "Default: jaccard.",
      valueName: "value"
    )
  )
  var valueName: String?

  @Flag(help: "Write how a csv matrix was made in lines that begin with #, not in columns.")
  var csvComments = false

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The file to write or replace; default stdout.", valueName: "path")
  )
  var output: String?

  func validate() throws {
    let format = try format()
    _ = try value()
    guard csvComments, format != .csv else { return }
    throw ValidationError("--csv-comments goes with --format csv.")
  }

  /// The format that is asked for.
  func format() throws -> OverlapFormat {
    guard let formatName else { return json ? .json : .table }
    guard let format = OverlapFormat(rawValue: formatName) else {
      let names = OverlapFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(formatName)' is no format; use \(names).")
    }
    if json, format != .json {
      throw ValidationError("--json means --format json; leave one of them out.")
    }
    return format
  }

  /// The value of a matrix.
  func value() throws -> PairStatistic {
    guard let valueName else { return .metric(.jaccard) }
    guard let value = PairStatistic(valueName) else {
      throw ValidationError(
        "'\(valueName)' is no value of a pair; use coverage, \(PairStatisticNames.all)."
      )
    }
    let format = try format()
    guard [.csv, .npz, .svg, .png].contains(format) else {
      throw ValidationError("--value goes with --format csv, npz, svg or png.")
    }
    return value
  }
}
