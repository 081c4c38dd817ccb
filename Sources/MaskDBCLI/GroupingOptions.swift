internal import ArgumentParser
internal import MaskModel
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

  @Option(
    name: .customLong("module"),
    help: ArgumentHelp(
      "Tensors with consecutive name parts like those of GLOB, such as 'experts.*.w1', are of module "
        + "NAME; may be repeated. The first that fits counts, before the names that are known.",
      valueName: "name=glob"
    )
  )
  var modules: [String] = []

  func validate() throws {
    _ = try asked()
    _ = try patterns()
  }

  /// The patterns that are named.
  func patterns() throws -> ModulePatterns {
    ModulePatterns(
      try modules.map { text in
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].contains(where: { $0 != "." }),
          !parts[0].isEmpty,
          parts[0].allSatisfy({ $0.isLetter || $0.isNumber || "_-".contains($0) })
        else {
          throw ValidationError(
            "'\(text)' is no module; write NAME=GLOB, NAME of letters, digits, '_' and '-'."
          )
        }
        return ModulePatterns.Pattern(String(parts[1]), ModuleKind(rawValue: String(parts[0])))
      }
    )
  }

  /// The patterns that are named, before the standard ones.
  ///
  /// - Throws: `UnansweredQuestion` where one fits none of `tensors`.
  func patterns(on tensors: [TensorLayout]) throws -> ModulePatterns {
    let named = try patterns()
    try named.check(on: tensors)
    return .standard.preceded(by: named.patterns)
  }

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
  @Option(
    parsing: .unconditional,
    help: "Show at most so many rows; a line says how many are left out."
  )
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number of at least 1.") }
  }
}
