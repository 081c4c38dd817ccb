internal import ArgumentParser
internal import MaskReports

/// How sparsity is written, and where.
struct SparsityFormatOptions: ParsableArguments {
  @Option(
    name: .customLong("format"),
    help: ArgumentHelp(
      "table, json, svg or png (a heat map of densities: by layer,module one a mask, else a row a "
        + "mask). Default: table.",
      valueName: "format"
    )
  )
  var formatName: String?

  @Flag(help: "The same as --format json, as the schemas in Schemas/ say.")
  var json = false

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The file to write or replace; default stdout.", valueName: "path")
  )
  var output: String?

  func validate() throws { _ = try format() }

  /// The format that is asked for.
  func format() throws -> SparsityFormat {
    guard let formatName else { return json ? .json : .table }
    guard let format = SparsityFormat(rawValue: formatName) else {
      let names = SparsityFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(formatName)' is no format; use \(names).")
    }
    if json, format != .json {
      throw ValidationError("--json means --format json; leave one of them out.")
    }
    return format
  }
}
