public import ByteFormats
internal import MaskQuery

extension GroupReport {
  /// The report as schema `maskdb.groups/1` has it, but for the version.
  public var json: JSONValue {
    let (runs, statistic) = (comparison.runs, comparison.statistic)
    var members: JSONObject = [
      "schema": "maskdb.groups/1", "masks": .array(masks.map(\.json)),
      "left_out": .array(question.units.leftOut.map(\.json)),
    ]
    for (key, value) in question.tensors.members { members[key] = value }
    members["by"] = .array(runs.fields.map(JSONValue.string))
    members["statistic"] = .string(statistic.description)
    members["statistic_definition"] = .string(statistic.definition)
    members["null"] = JSONValue(statistic.null?.rawValue)
    members["groups"] = .array(runs.groups.indices.map(group))
    members["between_groups"] = .array(MaskPair.all(of: runs.groups.count).map(cell))
    members["within"] = comparison.within.json
    members["between"] = comparison.between.json
    members["difference"] = .number(comparison.difference)
    members["test"] = test
    members["pairs"] = .array(MaskPair.all(of: runs.cases.count).map(pair))
    return .object(members)
  }

  private func group(_ place: Int) -> JSONValue {
    let (runs, group) = (comparison.runs, comparison.runs.groups[place])
    var values = JSONObject()
    for (field, value) in zip(runs.fields, group.values) { values[field] = .string(value) }
    return [
      "name": .string(group.label), "values": .object(values),
      "masks": .array(group.members.map { .string(runs.cases[$0].id) }),
      "within": comparison.mean(place, place).json, "between": comparison.between(place).json,
    ]
  }

  private func cell(_ pair: MaskPair) -> JSONValue {
    let (groups, mean) = (comparison.runs.groups, comparison.mean(pair.a, pair.b))
    return [
      "a": .string(groups[pair.a].label), "b": .string(groups[pair.b].label),
      "pairs": .integer(mean.pairs), "mean": JSONValue(mean.value),
    ]
  }

  private func pair(_ pair: MaskPair) -> JSONValue {
    let cases = comparison.runs.cases
    return [
      "a": .string(cases[pair.a].id), "b": .string(cases[pair.b].id),
      "value": .number(comparison.values[pair.a][pair.b]),
    ]
  }

  private var test: JSONValue {
    let (runs, test) = (comparison.runs, comparison.test)
    return [
      "alternative": "within is larger than between",
      "method": test.isExact ? "exact" : "monte_carlo",
      "block_fields": .array(runs.blockFields.map(JSONValue.string)),
      "ignored_fields": .array(ignoredFields.map(JSONValue.string)),
      "blocks": .array(
        runs.blocks.map { block in .array(block.map { .string(runs.cases[$0].id) }) }
      ),
      "arrangements": test.arrangements < 1e15
        ? .integer(Int(test.arrangements)) : JSONValue(test.arrangements),
      "tried": .integer(test.tried), "reached": .integer(test.reached),
      "seed": test.seed.map { JSONValue($0) } ?? .null, "p": .number(test.p),
      "smallest_p": .number(test.smallestP), "can_reach_05": .bool(test.canReach05),
    ]
  }
}

extension GroupComparison.Mean {
  fileprivate var json: JSONValue { ["pairs": .integer(pairs), "mean": JSONValue(value)] }
}

extension RunUnits.LeftOut {
  /// The mask and the reason, as every report has them.
  var json: JSONValue { ["id": .string(id), "reason": .string(reason)] }
}
