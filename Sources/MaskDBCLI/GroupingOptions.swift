internal import ArgumentParser
internal import MaskQuery

/// What tensors are put together.
struct GroupingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Group by tensor, layer, module, or layer,module.",
      valueName: "tensor|layer|module"
    )
  )
  var by: String?

  func validate() throws { _ = try asked() }

  func grouping(default fallback: TensorGrouping) throws -> TensorGrouping {
    try asked() ?? fallback
  }

  /// The grouping that is asked for; nil where none is.
  func asked() throws -> TensorGrouping? {
    guard let by else { return nil }
    guard let grouping = TensorGrouping(rawValue: by) else {
      let names = TensorGrouping.allCases.map(\.rawValue).joined(separator: "; ")
      throw ValidationError("'\(by)' is no grouping; use one of \(names).")
    }
    return grouping
  }
}

/// How much of a table is shown.
struct TableOptions: ParsableArguments {
  @Option(help: "Show at most so many rows; a line says how many are left out.")
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number of at least 1.") }
  }
}
