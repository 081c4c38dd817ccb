internal import MaskQuery

extension RecordTable {
  /// What is true of all of `masks`: the definition, the compare dtype.
  static func facts(of masks: [MaskSummary]) -> [Field] {
    [
      ("definition", unique(masks.map(\.definition))),
      ("compare_dtype", unique(masks.compactMap(\.compareType))),
    ]
  }

  /// What is there only where something is not: tensors that were left out by name, tensors that
  /// were skipped.
  static func gaps(_ tensors: ScopedTensors?, _ masks: [MaskSummary]) -> [Field] {
    let gaps = [
      ("tensors", tensors.flatMap(MaskFooter.leftOut)), ("skipped", MaskFooter.skipped(masks)),
    ]
    return gaps.compactMap { key, text in text.map { (key, $0) } }
  }

  private static func unique(_ texts: [String]) -> String {
    Set(texts).sorted().joined(separator: "; ")
  }
}
