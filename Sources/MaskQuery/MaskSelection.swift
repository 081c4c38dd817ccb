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
  /// Whether of runs that are alike but for name and step only the latest count.
  public var isLatestStepOnly: Bool

  /// A selection by references, narrowed by `filters`.
  public init(
    _ references: [String],
    definition: DefinitionRequest? = nil,
    filters: [FieldFilter] = [],
    isLatestStepOnly: Bool = false
  ) {
    self.references = references
    self.definition = definition
    self.filters = filters
    self.isLatestStepOnly = isLatestStepOnly
  }

  /// The masks of `catalogs` that are selected, in the order of the references.
  ///
  /// - Throws: `SelectionError` where a reference names nothing, or masks of several catalogs that
  ///   differ; or nothing is left.
  public func resolve(in catalogs: CatalogSet) throws(SelectionError) -> SelectedMasks {
    let shelves = shelves(of: catalogs)
    var selected: [AskedMask] = []
    if references.isEmpty { selected = catalogs.sorted(shelves.flatMap(\.chosen)) }
    for reference in references { selected += try find(reference, shelves, catalogs) }
    return try narrowed(selected, in: catalogs)
  }

  /// The masks of each of `catalogs`, to look references up.
  func shelves(of catalogs: CatalogSet) -> [Shelf] {
    catalogs.masks.map { Shelf($0, definition: definition) }
  }

  /// What filters and steps leave of `selected`.
  ///
  /// Both are about runs, and leave masks alone that are computed.
  func narrowed(
    _ selected: [AskedMask],
    in catalogs: CatalogSet
  ) throws(SelectionError) -> SelectedMasks {
    let kept = selected.filter { mask in
      mask.places.isEmpty || filters.allSatisfy { $0.matches(mask) }
    }
    guard !kept.isEmpty else { throw nothing(left: selected) }
    let (latest, earlier) = isLatestStepOnly ? kept.bySteps : (kept, [])
    let masks = catalogs.distinct(latest)
    // Labelled beside the others, among which are masks that another catalog has of a later step.
    let all = earlier.isEmpty ? masks : catalogs.distinct(latest + earlier)
    return SelectedMasks(masks: masks, earlierSteps: Array(all.dropFirst(masks.count)))
  }

  /// The masks that `reference` means, without labels of their own yet.
  func find(
    _ reference: String,
    _ shelves: [Shelf],
    _ catalogs: CatalogSet
  ) throws(SelectionError) -> [AskedMask] {
    let (reference, shelves) = catalogs.split(reference, among: shelves)
    let found = shelves.flatMap { $0.find(reference) }
    if Glob.isPattern(reference) {
      guard !found.isEmpty else { throw nothing(fitting: reference, among: shelves) }
      return catalogs.sorted(found)
    }
    guard !found.isEmpty else { throw unknown(reference, among: shelves) }
    let distinct = catalogs.distinct(found)
    guard distinct.count == 1 else { throw .ambiguous(reference, distinct.map(\.id)) }
    return found
  }

  /// Why the glob `pattern` means no mask.
  private func nothing(fitting pattern: String, among shelves: [Shelf]) -> SelectionError {
    let glob = Glob(pattern)
    let fits = shelves.contains { $0.names.contains(where: glob.matches) }
    return fits ? .empty(definition) : .unknown(pattern, among: [])
  }

  /// Why `reference` names no mask.
  private func unknown(_ reference: String, among shelves: [Shelf]) -> SelectionError {
    if let masks = shelves.lazy.compactMap({ $0.masks(ofRun: reference) }).first {
      return .noMask(of: reference, definition, among: masks.map(\.id))
    }
    return .unknown(reference, among: shelves.flatMap(\.names))
  }

  private func nothing(left selected: [AskedMask]) -> SelectionError {
    guard !filters.isEmpty, !selected.isEmpty else { return .empty(definition) }
    let recorded = Set(selected.flatMap(\.fields.keys))
    let stranger = filters.first { !recorded.contains($0.key) && !$0.isOfEveryRun }
    if let stranger {
      return .noField(stranger.key, among: recorded.sorted(by: NaturalOrder.precedes))
    }
    return .filteredOut(filters.map(\.description).joined(separator: " "))
  }
}
