public import MaskCatalog

/// Which run a command is about.
public enum RunSelection {
  /// The run named `name`.
  ///
  /// - Throws: `SelectionError` with the nearest names.
  public static func run(
    _ name: String,
    in runs: [RunRecord]
  ) throws(SelectionError) -> RunRecord {
    guard let run = runs.first(where: { $0.name == name }) else {
      throw SelectionError.unknown(name, among: runs.map(\.name))
    }
    return run
  }
}
