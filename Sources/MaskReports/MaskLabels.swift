internal import MaskQuery

/// What masks are called in a table: by run where that tells them apart and they have one
/// definition, else by id.
struct MaskLabels {
  /// The labels in the order of the masks.
  let labels: [String]
  private let byID: [String: String]

  init(_ masks: [MaskSummary]) {
    let isShort = Set(masks.map(\.run)).count == masks.count && definitions(masks).count == 1
    labels = masks.map { isShort ? $0.run : $0.id }
    byID = Dictionary(zip(masks.map(\.id), labels), uniquingKeysWith: { first, _ in first })
  }

  /// The label of the mask with id `id`.
  subscript(id: String) -> String { byID[id] ?? id }
}

/// The definitions of `masks` in words, such as `paper compared in bf16`, each once.
func definitions(_ masks: [MaskSummary]) -> [String] {
  masks.reduce(into: []) { found, mask in
    let type = mask.compareType.map { " compared in \($0)" } ?? ""
    let definition = mask.definition + type
    if !found.contains(definition) { found.append(definition) }
  }
}
