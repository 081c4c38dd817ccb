public import ByteFormats
public import MaskQuery

extension PairOverlap {
  /// The pair as schema `maskdb.overlap/1` has it, under those of `nulls` that were computed, with
  /// its groups by `grouping` where it has some.
  public func json(nulls: [Null], grouping: TensorGrouping? = nil) -> JSONValue {
    var members: JSONObject = ["a": .string(a), "b": .string(b)]
    for (key, value) in figures(nulls) { members[key] = value }
    if let grouping, let groups {
      members["groups"] = .array(groups.map { $0.json(nulls, grouping) })
    }
    return .object(members)
  }

  /// The metrics, and the results under `nulls`.
  fileprivate func figures(_ nulls: [Null]) -> JSONObject {
    var members = metrics.members
    var results = JSONObject()
    for null in nulls { results[null.rawValue] = self.nulls[null]?.json(null) }
    members["nulls"] = .object(results)
    return members
  }
}

extension GroupOverlap {
  fileprivate func json(_ nulls: [Null], _ grouping: TensorGrouping) -> JSONValue {
    var members = group.members(grouping)
    for (key, value) in overlap.figures(nulls) { members[key] = value }
    return .object(members)
  }
}

extension PairMetrics {
  fileprivate var members: JSONObject {
    var members: JSONObject = [
      "parameters": .integer(table.parameters),
      "count_a": .integer(table.countA),
      "count_b": .integer(table.countB),
      "intersection": .integer(table.intersection),
      "union": .integer(table.union),
      "jaccard": JSONValue(jaccard),
      "coverage_a": JSONValue(coverageA),
      "coverage_b": JSONValue(coverageB),
      "overlap_coefficient": JSONValue(overlapCoefficient),
      "dice": JSONValue(dice),
      "phi": JSONValue(phi),
      "kappa": JSONValue(kappa),
      "log2_odds_ratio": JSONValue(log2OddsRatio),
      "jaccard_unchanged": JSONValue(jaccardUnchanged),
    ]
    if let reason { members["reason"] = .string(reason) }
    return members
  }
}
