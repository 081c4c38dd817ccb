public import ByteFormats
public import MaskQuery

/// One pair of masks in depth.
public struct CompareReport: Report {
  /// The two masks, A first.
  let masks: [MaskSummary]
  let pair: PairOverlap
  let grouping: TensorGrouping
  let tensors: ScopedTensors

  /// A report on the overlap `pair` of `a` and `b` over `tensors`, in groups by `grouping`.
  public init(
    a: MaskSummary,
    b: MaskSummary,
    pair: PairOverlap,
    grouping: TensorGrouping,
    tensors: ScopedTensors
  ) {
    masks = [a, b]
    self.pair = pair
    self.grouping = grouping
    self.tensors = tensors
  }
}

extension CompareReport {
  /// The report as schema `maskdb.compare/1` has it, but for the version.
  public var json: JSONValue {
    var members: JSONObject = [
      "schema": "maskdb.compare/1",
      "a": masks[0].json,
      "b": masks[1].json,
      "by": .string(grouping.rawValue),
    ]
    for (key, value) in tensors.members { members[key] = value }
    members["pair"] = pair.json(nulls: Null.allCases, grouping: grouping)
    return .object(members)
  }
}
