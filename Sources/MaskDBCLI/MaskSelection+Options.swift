internal import ArgumentParser
internal import Foundation
internal import MaskModel
internal import MaskQuery

extension MaskSelection {
  /// The selection that options write, wrong ones refused as wrong usage.
  init(
    _ references: [String],
    definition: String?,
    filters: [String] = [],
    isLatestStepOnly: Bool = false
  ) throws {
    self.init(
      references,
      definition: try definition.map { try DefinitionRequest(option: $0) },
      filters: try filters.map { text in
        guard let filter = FieldFilter(text) else {
          throw ValidationError(
            "'\(text)' is no filter; write KEY=VALUE[,VALUE], a value with a comma in double quotes."
          )
        }
        return filter
      },
      isLatestStepOnly: isLatestStepOnly
    )
  }

  /// The masks of `catalogs` that are selected, expressions evaluated on `threads` threads and counted
  /// for `nulls`.
  func masks(
    in catalogs: CatalogSet,
    basePath: String? = nil,
    for nulls: [Null] = [],
    threads: Int
  ) throws -> [AskedMask] {
    try resolve(
      in: catalogs,
      evaluating: ExpressionEvaluator(
        catalogs,
        definition: definition,
        basePath: basePath,
        environment: ProcessInfo.processInfo.environment,
        threads: threads
      ),
      for: nulls
    )
  }
}

extension MaskSelection {
  /// Names the masks on stderr that are not among `masks` because of a later step.
  func tellEarlierSteps(than masks: [AskedMask], in catalogs: CatalogSet) {
    guard isLatestStepOnly else { return }
    var all = self
    all.isLatestStepOnly = false
    // Expressions, which are no runs, are nothing that it finds.
    guard let every = try? all.resolve(in: catalogs) else { return }
    let kept = Set(masks.map(\.id))
    let earlier = every.map(\.id).filter { !kept.contains($0) }
    guard !earlier.isEmpty else { return }
    let more = earlier.count > 5 ? " and \(earlier.count - 5) more" : ""
    StandardError.note(
      "--latest-step leaves out \(earlier.prefix(5).joined(separator: ", "))\(more)"
    )
  }
}

extension CatalogsOptions {
  /// The one mask that `reference` names, or that it computes from masks and the base at `basePath`.
  func mask(
    _ reference: String,
    definition: String?,
    basePath: String?,
    threads: Int
  ) throws -> AskedMask {
    let selection = try MaskSelection([reference], definition: definition)
    let masks = try selection.masks(in: open(), basePath: basePath, threads: threads)
    guard masks.count == 1 else { throw SelectionError.several(reference, masks.map(\.id)) }
    return masks[0]
  }
}
