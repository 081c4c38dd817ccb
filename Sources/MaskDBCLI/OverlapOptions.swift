internal import ArgumentParser
internal import MaskQuery

/// Against which nulls overlaps are held.
struct NullOptions: ParsableArguments {
  @Option(
    name: .customLong("null"),
    help: ArgumentHelp(
      "A null to compute; may be repeated. Default: all; tables show global and magnitude.",
      valueName: "name"
    )
  )
  var names: [String] = []

  func validate() throws { _ = try nulls() }

  /// The nulls that are named; nil for the default.
  func nulls() throws -> [Null]? {
    let nulls = try names.flatMap { $0.split(separator: ",") }.map { name in
      guard let null = Null(rawValue: String(name)) else {
        let names = Null.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("'\(name)' is no null; use \(names).")
      }
      return null
    }
    return nulls.isEmpty ? nil : nulls
  }
}

/// In what masks may differ and still be compared.
struct MixtureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Compare masks that differ in definition, dtype or base all the same.",
      valueName: "what"
    )
  )
  var allowMixed: [String] = []

  func validate() throws { _ = try mixtures() }

  func mixtures() throws -> Set<Mixture> {
    Set(
      try allowMixed.flatMap { $0.split(separator: ",") }.map { name in
        guard let mixture = Mixture(rawValue: String(name)) else {
          throw ValidationError("--allow-mixed takes definition, dtype or base, not '\(name)'.")
        }
        return mixture
      }
    )
  }
}

/// Which tensors are compared, by name.
struct TensorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only tensors whose name fits the glob; may be repeated.",
      valueName: "glob"
    )
  )
  var include: [String] = []

  @Option(
    help: ArgumentHelp(
      "No tensor whose name fits the glob; may be repeated.",
      valueName: "glob"
    )
  )
  var exclude: [String] = []

  /// The tensors, resolved by `grouping`, with `modules` of the user's own.
  func scope(
    by grouping: TensorGrouping?,
    modules: ModulePatterns = ModulePatterns([])
  ) -> TensorScope {
    TensorScope(
      included: include.map { Glob($0) },
      excluded: exclude.map { Glob($0) },
      grouping: grouping,
      modules: modules
    )
  }
}

/// Which tensors are compared, and by what the answer is resolved.
struct ScopeOptions: ParsableArguments {
  @OptionGroup var grouping: GroupingOptions
  @OptionGroup var tensors: TensorOptions

  /// Refuses modules where nothing is grouped.
  func checkModules() throws {
    guard !grouping.modules.isEmpty, grouping.by == nil else { return }
    throw ValidationError("--module goes with --by module or --by layer,module.")
  }

  /// The scope; without `--by` resolved by `fallback`.
  func scope(default fallback: TensorGrouping? = nil) throws -> TensorScope {
    tensors.scope(by: try grouping.asked() ?? fallback, modules: try grouping.patterns())
  }
}
