public import ByteFormats
internal import MaskQuery

extension FactorReport {
  /// The report as schema `maskdb.factors/1` has it, but for the version.
  public var json: JSONValue {
    var members: JSONObject = [
      "schema": "maskdb.factors/1", "masks": .array(masks.map(\.json)),
      "left_out": .array(question.units.leftOut.map(\.json)),
    ]
    for (key, value) in question.tensors.members { members[key] = value }
    members["fields"] = .array(question.factors.fields.map(JSONValue.string))
    members["ignored_fields"] = .array(ignoredFields.map(JSONValue.string))
    members["rows"] = .array(table.rows.map(row))
    members["told_apart"] = .array(
      toldApart.map { ["more": .string($0.more), "less": .string($0.less)] }
    )
    return .object(members)
  }

  private func row(_ row: FactorTable.Row) -> JSONValue {
    var members: JSONObject = [
      "name": .string(row.label), "factors": .array(row.factors.map(JSONValue.string)),
      "recorded": .bool(row.isRecorded), "pairs": .integer(row.pairs.count),
    ]
    for (key, quantity) in Self.quantities { members[key] = JSONValue(row.mean(quantity)?.value) }
    var nulls = JSONObject()
    for null in Self.nulls { nulls[null.rawValue] = means(row, null) }
    members["nulls"] = .object(nulls)
    members["members"] = .array(row.pairs.map { member($0, row) })
    return .object(members)
  }

  private static let quantities: [(String, FactorQuantity)] = [
    ("random_coverage_a", .randomCoverageA), ("random_coverage_b", .randomCoverageB),
    ("coverage_a", .coverageA), ("coverage_b", .coverageB), ("jaccard", .jaccard), ("phi", .phi),
  ]

  private func means(_ row: FactorTable.Row, _ null: Null) -> JSONValue {
    [
      "lift": JSONValue(row.mean(.lift(null))?.value),
      "max_lift": JSONValue(row.mean(.maxLift(null))?.value),
      "attained": JSONValue(row.mean(.attained(null))?.value),
      "attained_deviation": JSONValue(row.deviation(.attained(null))),
      "jaccard_at_expected": JSONValue(row.mean(.jaccardAtExpected(null))?.value),
      "pairs_with_attained": .integer(row.mean(.attained(null))?.pairs ?? 0),
    ]
  }

  /// A pair, with what its two runs record of the row's factors.
  private func member(_ pair: FactorTable.Pair, _ row: FactorTable.Row) -> JSONValue {
    func values(_ values: [String?]) -> JSONValue {
      var members = JSONObject()
      for (factor, value) in zip(row.factors, values) { members[factor] = JSONValue(value) }
      return .object(members)
    }
    guard case .object(var members) = pair.overlap.json(nulls: Self.nulls) else { return .null }
    members["values_a"] = values(pair.valuesA)
    members["values_b"] = values(pair.valuesB)
    return .object(members)
  }
}
