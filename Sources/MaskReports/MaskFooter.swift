internal import MaskModel
internal import MaskQuery

/// Lines under a table that keep its figures from being misread.
enum MaskFooter {
  /// How the masks were made.
  static func definition(of masks: [MaskSummary]) -> String {
    let definitions = definitions(masks)
    let text = definitions.joined(separator: "; ").printable
    return definitions.count > 1 ? "Different definitions: \(text)." : "Definition: \(text)."
  }

  /// Which tensors were left out of which mask, and why; nil where none was.
  static func skipped(_ masks: [MaskSummary]) -> String? {
    let labels = MaskLabels(masks).labels
    let parts = zip(labels, masks).filter { !$1.skippedTensors.isEmpty }.map { label, mask in
      "\(label.printable): \(names(mask.skippedTensors))"
    }
    return parts.isEmpty
      ? nil : "Tensors not, or not wholly, compared: \(parts.joined(separator: "; "))."
  }

  /// Which tensors were left out by name; nil where none was.
  static func leftOut(of tensors: ScopedTensors) -> String? {
    let names = tensors.namesLeftOut
    guard !names.isEmpty else { return nil }
    let rest = names.count - 3
    let list = names.prefix(3).map(\.printable).joined(separator: ", ")
    return "Tensors included: \(tensors.names.count) of \(tensors.names.count + names.count); "
      + "left out by name: \(list)\(rest > 0 ? " and \(rest) more" : "")."
  }

  /// Which masks do not count as runs, and why, a line each; nil where all do.
  static func leftOut(_ units: RunUnits) -> String? {
    guard !units.leftOut.isEmpty else { return nil }
    let lines = units.leftOut.map { "  \($0.id.printable): \($0.reason.printable)" }
    return (["Masks left out:"] + lines).joined(separator: "\n")
  }

  private static func names(_ tensors: [SkippedTensor]) -> String {
    let shown = tensors.prefix(3).map { "\($0.name) (\($0.reason))".printable }
    let rest = tensors.count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
