public import MaskModel

/// Which masks of one or more catalogs a command is about.
///
/// A reference is a mask, `RUN@DEFINITION[@DTYPE]`; a run, meaning the mask of the definition asked
/// for, else its only mask, else `paper`; a glob over runs; or the first digits of the digest of a
/// mask or a run. `CATALOG:` before it keeps to one catalog. No reference means every run.
public struct MaskSelection: Sendable {
  /// The references as the user wrote them.
  public var references: [String]
  /// The definition that a run stands for.
  public var definition: DefinitionRequest?
  /// What fields of the runs must say.
  public var filters: [FieldFilter]

  /// A selection by references, narrowed by `filters`.
  public init(
    _ references: [String],
    definition: DefinitionRequest? = nil,
    filters: [FieldFilter] = []
  ) {
    self.references = references
    self.definition = definition
    self.filters = filters
  }

  /// The masks of `catalogs` that are selected, each once, in the order of the references.
  ///
  /// - Throws: `SelectionError` where a reference names nothing, or masks of several catalogs that
  ///   differ; or nothing is left.
  public func resolve(in catalogs: CatalogSet) throws(SelectionError) -> [AskedMask] {
    let shelves = catalogs.masks.map { Shelf($0, definition: definition) }
    var selected: [AskedMask] = []
    if references.isEmpty { selected = catalogs.sorted(shelves.flatMap(\.chosen)) }
    for reference in references { selected += try resolve(reference, shelves, catalogs) }
    let kept = selected.filter { mask in filters.allSatisfy { $0.matches(mask) } }
    guard !kept.isEmpty else { throw nothing(left: selected) }
    return catalogs.distinct(kept)
  }

  private func resolve(
    _ reference: String,
    _ shelves: [Shelf],
    _ catalogs: CatalogSet
  ) throws(SelectionError) -> [AskedMask] {
    let (reference, shelves) = catalogs.split(reference, among: shelves)
    let found = shelves.flatMap { $0.find(reference) }
    if Glob.isPattern(reference) { return catalogs.sorted(found) }
    guard !found.isEmpty else { throw unknown(reference, among: shelves) }
    let distinct = catalogs.distinct(found)
    guard distinct.count == 1 else { throw .ambiguous(reference, distinct.map(\.id)) }
    return found
  }

  /// Why `reference` names no mask.
  private func unknown(_ reference: String, among shelves: [Shelf]) -> SelectionError {
    if let masks = shelves.lazy.compactMap({ $0.masks(ofRun: reference) }).first {
      return .noMask(of: reference, definition, among: masks.map(\.id))
    }
    return .unknown(reference, among: shelves.flatMap(\.names))
  }

  private func nothing(left selected: [AskedMask]) -> SelectionError {
    let wanted = filters.map(\.description).joined(separator: " ")
    return filters.isEmpty || selected.isEmpty ? .empty(definition) : .filteredOut(wanted)
  }
}
