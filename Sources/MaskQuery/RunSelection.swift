public import MaskCatalog

/// Which run a command is about.
public enum RunSelection {
  /// The run named `name`, which is no glob.
  ///
  /// - Throws: `SelectionError` with the nearest names.
  public static func run(
    _ name: String,
    in runs: [RunRecord]
  ) throws(SelectionError) -> RunRecord {
    guard let run = runs.first(where: { $0.name == name }) else {
      if Glob.isPattern(name) { throw SelectionError.glob(name) }
      throw SelectionError.unknown(name, among: runs.map(\.name))
    }
    return run
  }

  /// Every mask of the run that `reference` names, `RUN` or `CATALOG:RUN`, or the only one that it fits as
  /// a glob; nil where it names none.
  ///
  /// - Throws: `SelectionError` where several catalogs have different runs of the name, or several runs
  ///   fit the glob.
  public static func masks(
    ofRun reference: String,
    in catalogs: CatalogSet
  ) throws(SelectionError) -> [AskedMask]? {
    let shelves = catalogs.masks.map { Shelf($0, definition: nil) }
    let (name, asked) = catalogs.split(reference, among: shelves)
    let names = Glob.isPattern(name) ? Set(asked.flatMap { $0.runs(fitting: name) }) : [name]
    guard names.count <= 1 else { throw .severalRuns(name, count: names.count) }
    let masks = catalogs.distinct(
      asked.flatMap { shelf in names.first.flatMap { shelf.masks(ofRun: $0) } ?? [] }
    )
    guard Set(masks.map { MaskIdentity.ofRun($0) }).count <= 1 else {
      throw .ambiguous(
        name,
        Set(masks.map(\.summary.run)).sorted()
      )
    }
    return masks.isEmpty ? nil : masks
  }
}
