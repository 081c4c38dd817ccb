internal import MaskCatalog
internal import MaskModel

/// The masks of one catalog, to find them by reference.
struct Shelf {
  private let masks: [AskedMask]
  private let runs: [String]
  private let byRun: [String: [AskedMask]]
  private let definition: DefinitionRequest?

  /// `masks` by the name of the run; a run stands for its mask of `definition`.
  init(_ masks: [AskedMask], definition: DefinitionRequest?) {
    self.masks = masks
    self.definition = definition
    byRun = Dictionary(grouping: masks) { $0.summary.run }
    runs = masks.map(\.summary.run).reduce(into: []) { names, name in
      if names.last != name { names.append(name) }
    }
  }

  /// The mask that every run stands for; none for a derived one, which is no run of its own.
  var chosen: [AskedMask] {
    runs.compactMap { chosen(of: byRun[$0] ?? []) }.filter { !$0.isDerived }
  }

  /// Every name that a reference may be.
  var names: [String] { runs + masks.map(\.id) }

  /// The names of the runs that fit the glob `pattern`.
  func runs(fitting pattern: String) -> [String] { runs.filter(Glob(pattern).matches) }

  /// The masks of the run named `name`, nil where there is none.
  func masks(ofRun name: String) -> [AskedMask]? { byRun[name] }

  /// The masks that `reference` means, none where it names nothing here; several for a glob, or for
  /// the beginning of several digests.
  func find(_ reference: String) -> [AskedMask] {
    if let mask = masks.first(where: { $0.id == reference }) { return [mask] }
    if let mask = MaskReference(reference)?.find(in: masks) { return [mask] }
    if Glob.isPattern(reference) {
      return runs(fitting: reference).compactMap { chosen(of: byRun[$0] ?? []) }
    }
    if let ofRun = byRun[reference] { return chosen(of: ofRun).map { [$0] } ?? [] }
    return find(digest: reference)
  }

  /// The mask whose digest, or whose run's, begins with `prefix`.
  private func find(digest prefix: String) -> [AskedMask] {
    let prefix = prefix.lowercased()
    guard prefix.count >= Self.shortestPrefix, prefix.allSatisfy(\.isHexDigit) else { return [] }
    let ofMask = masks.filter { $0.digest?.hasPrefix(prefix) ?? false }
    if !ofMask.isEmpty { return ofMask }
    return runs.compactMap { run in
      let ofRun = byRun[run] ?? []
      return ofRun.first?.isOfContent(prefix) ?? false ? chosen(of: ofRun) : nil
    }
  }

  /// Fewer digits would take words such as `add` or `bad` for digests.
  private static let shortestPrefix = 6

  /// The mask that a run with `masks` stands for.
  private func chosen(of masks: [AskedMask]) -> AskedMask? {
    guard let definition else {
      return masks.count == 1 ? masks[0] : DefinitionRequest(rule: .paperDefault).mask(among: masks)
    }
    return definition.mask(among: masks)
  }
}

extension AskedMask {
  /// Whether the digest of its run's content begins with `prefix`.
  fileprivate func isOfContent(_ prefix: String) -> Bool {
    places.first?.record.run.digest.hasPrefix(prefix) ?? false
  }

  /// Whether its compare dtype is the one that the rule and the files give by default.
  var isDefaultType: Bool { places.first?.record.isDefaultType ?? false }
}

extension ChangeRule {
  fileprivate static let paperDefault = ChangeRule.paper(tolerance: paperTolerance)
}

/// `RUN@DEFINITION[@DTYPE]`, taken apart.
private struct MaskReference {
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

  func find(in masks: [AskedMask]) -> AskedMask? {
    request.mask(among: masks.filter { $0.summary.run == run })
  }
}

extension DefinitionRequest {
  /// The mask of the rule among `masks` of one run: in the dtype if one is asked for, else in the
  /// default one, else the only one.
  fileprivate func mask(among masks: [AskedMask]) -> AskedMask? {
    let ofRule = masks.filter { $0.definition.rule == .rule(rule) }
    if let compareType { return ofRule.first { $0.definition.compareType == compareType } }
    return ofRule.first(where: \.isDefaultType) ?? (ofRule.count == 1 ? ofRule[0] : nil)
  }
}
