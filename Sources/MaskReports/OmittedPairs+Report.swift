internal import ByteFormats
public import MaskQuery

extension OmittedPairs {
  /// How many pairs are not shown and why, in one sentence.
  public var sentence: String {
    let threshold = screen.threshold.map { "\($0)" } ?? "0"
    let reasons = [
      (below + ruledOut, "with a Jaccard index below \(threshold)"),
      (beyondLimit, "beyond the \(NumberText.count(screen.limit ?? 0)) largest"),
    ]
    let parts = reasons.filter { $0.0 > 0 }.map { "\(NumberText.count($0.0)) \($0.1)" }
    let sizes = "; sizes alone ruled out \(NumberText.count(ruledOut))"
    return
      "Not shown: \(NumberText.count(count)) of \(NumberText.count(total)) \(NumberText.noun("pair", total)): "
      + parts.joined(separator: ", ") + (ruledOut > 0 ? sizes : "") + "."
  }

  /// The member `omitted` of schema `maskdb.overlap/1`.
  var json: JSONValue {
    [
      "pairs": .integer(count), "of": .integer(total), "ruled_out_by_size": .integer(ruledOut),
      "below_threshold": .integer(below), "beyond_top": .integer(beyondLimit),
      "threshold": JSONValue(screen.threshold), "top": JSONValue(screen.limit),
    ]
  }
}
