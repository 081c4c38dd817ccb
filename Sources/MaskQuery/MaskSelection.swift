public import MaskCatalog
public import MaskModel

/// Which masks of a catalog a command is about.
///
/// A reference is a mask, `RUN@DEFINITION[@DTYPE]`; a run, meaning the mask of the definition asked
/// for, else its only mask, else `paper`; or a glob over runs. No reference means every run.
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

  /// The masks among `masks` that are selected, each once, in the order of the references.
  ///
  /// - Throws: `SelectionError` where a reference names nothing, or nothing is left.
  public func resolve(in masks: [MaskRecord]) throws(SelectionError) -> [MaskRecord] {
    let byRun = Dictionary(grouping: masks) { $0.run.name }
    let runs = masks.map(\.run.name).reduce(into: [String]()) { names, name in
      if names.last != name { names.append(name) }
    }
    var selected: [MaskRecord] = []
    if references.isEmpty {
      selected = runs.compactMap { chosen(of: byRun[$0] ?? []) }
    }
    for reference in references { selected += try resolve(reference, runs, byRun, masks) }
    let kept = selected.filter { mask in filters.allSatisfy { $0.matches(mask.run) } }
    guard !kept.isEmpty else { throw nothing(left: selected) }
    var seen: Set<MaskRecord.ID> = []
    return kept.filter { seen.insert($0.id).inserted }
  }

  private func resolve(
    _ reference: String,
    _ runs: [String],
    _ byRun: [String: [MaskRecord]],
    _ masks: [MaskRecord]
  ) throws(SelectionError) -> [MaskRecord] {
    if let mask = masks.first(where: { $0.name == reference }) { return [mask] }
    if let mask = MaskReference(reference)?.find(in: masks) { return [mask] }
    if reference.contains("*") || reference.contains("?") {
      let glob = Glob(reference)
      return runs.filter { glob.matches($0) }.compactMap { chosen(of: byRun[$0] ?? []) }
    }
    guard let ofRun = byRun[reference] else {
      throw SelectionError.unknown(reference, among: runs + masks.map(\.name))
    }
    guard let mask = chosen(of: ofRun) else {
      throw SelectionError.noMask(of: reference, definition, among: ofRun.map(\.name))
    }
    return [mask]
  }

  /// The mask that a run with `masks` stands for.
  private func chosen(of masks: [MaskRecord]) -> MaskRecord? {
    guard let definition else {
      return masks.count == 1 ? masks[0] : DefinitionRequest(rule: .paperDefault).mask(among: masks)
    }
    return definition.mask(among: masks)
  }

  private func nothing(left selected: [MaskRecord]) -> SelectionError {
    let wanted = filters.map(\.description).joined(separator: " ")
    return filters.isEmpty || selected.isEmpty ? .empty(definition) : .filteredOut(wanted)
  }
}

extension ChangeRule {
  fileprivate static let paperDefault = ChangeRule.paper(tolerance: paperTolerance)
}

/// `RUN@DEFINITION[@DTYPE]`, taken apart.
struct MaskReference {
  let run: String
  let request: DefinitionRequest

  /// Nil where `text` is not of the form.
  init?(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let request = try? DefinitionRequest(parsing: parts[1]) else {
      return nil
    }
    run = String(parts[0])
    self.request = request
  }

  func find(in masks: [MaskRecord]) -> MaskRecord? {
    request.mask(among: masks.filter { $0.run.name == run })
  }
}

extension DefinitionRequest {
  /// The mask of the rule among `masks` of one run: in the dtype if one is asked for, else in the
  /// default one, else the only one.
  func mask(among masks: [MaskRecord]) -> MaskRecord? {
    let ofRule = masks.filter { $0.definition.rule == .rule(rule) }
    if let compareType { return ofRule.first { $0.definition.compareType == compareType } }
    return ofRule.first(where: \.isDefaultType) ?? (ofRule.count == 1 ? ofRule[0] : nil)
  }
}
