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
  func resolve(
    in catalogs: CatalogSet,
    basePath: String? = nil,
    for nulls: [Null] = [],
    threads: Int
  ) throws -> SelectedMasks {
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

extension SelectedMasks {
  /// Names on stderr the masks that were left out for a later step.
  func tellEarlierSteps() {
    guard !earlierSteps.isEmpty else { return }
    let named = earlierSteps.prefix(5).map(\.id).joined(separator: ", ")
    let more = earlierSteps.count > 5 ? " and \(earlierSteps.count - 5) more" : ""
    StandardError.note("--latest-step leaves out \(named)\(more)")
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
    let masks = try selection.resolve(in: open(), basePath: basePath, threads: threads).masks
    guard masks.count == 1 else { throw SelectionError.several(reference, masks.map(\.id)) }
    return masks[0]
  }
}
