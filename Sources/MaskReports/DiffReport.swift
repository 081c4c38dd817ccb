public import ByteFormats
public import MaskModel
public import MaskQuery

/// How sparse the update between two checkpoints is, under several definitions.
public struct DiffReport: Sendable {
  /// The figures under one definition.
  public struct Result: Sendable {
    /// The rule.
    public let definition: String
    /// The dtype in which values were compared.
    public let compareType: String
    /// The positions that changed, by tensor.
    public let counts: [Int]

    /// `counts` under `definition` in `compareType`.
    public init(definition: String, compareType: String, counts: [Int]) {
      self.definition = definition
      self.compareType = compareType
      self.counts = counts
    }
  }

  let base: String
  let finetuned: String
  let tensors: [TensorLayout]
  let compared: [Int]
  let skipped: [SkippedTensor]
  let results: [Result]
  let patterns: ModulePatterns

  /// A report on `finetuned` against `base`, whose `tensors` were compared at `compared` positions;
  /// `patterns` say which are which module.
  public init(
    base: String,
    finetuned: String,
    tensors: [TensorLayout],
    compared: [Int],
    skipped: [SkippedTensor],
    results: [Result],
    patterns: ModulePatterns = .standard
  ) {
    self.base = base
    self.finetuned = finetuned
    self.tensors = tensors
    self.compared = compared
    self.skipped = skipped
    self.results = results
    self.patterns = patterns
  }

  /// The sparsity of `result` by group.
  func table(_ result: Result, _ groups: [TensorGroup]) -> SparsityTable {
    let counts = tensors.indices.map { tensor in
      TensorCounts(
        tensor: tensors[tensor],
        compared: compared[tensor],
        marginals: TensorMarginals(
          count: result.counts[tensor],
          rows: nil,
          columns: nil,
          exponents: nil
        ),
        exponentTotals: nil
      )
    }
    return SparsityTable(counts, groups: groups)
  }
}

extension DiffReport {
  /// The report as schema `maskdb.diff/1` has it.
  public var json: JSONValue {
    [
      "schema": "maskdb.diff/1", "base": .string(base), "finetuned": .string(finetuned),
      "results": .array(results.map(json)), "skipped_tensors": .array(skipped.map(\.json)),
    ]
  }

  private func json(_ result: Result) -> JSONValue {
    var members: JSONObject = [
      "definition": .string(result.definition), "compare_dtype": .string(result.compareType),
    ]
    for (key, value) in table(result, []).total.members { members[key] = value }
    for (key, grouping) in [
      ("layers", TensorGrouping.layer), ("modules", .module), ("tensors", .tensor),
    ] {
      let rows = table(result, grouping.groups(of: tensors, patterns: patterns)).rows
      members[key] = .array(rows.map { .object($0.group.members(grouping, $0.sparsity)) })
    }
    return .object(members)
  }
}

extension DiffReport {
  /// A table for a terminal for each of `groupings`: sparsity in per cent, a column a definition.
  public func text(by groupings: [TensorGrouping]) -> String {
    let tables = groupings.enumerated().map { index, grouping in
      rendered(grouping, withTotal: index == groupings.count - 1)
    }
    return tables.joined(separator: "\n")
  }

  private func rendered(_ grouping: TensorGrouping, withTotal: Bool) -> String {
    let groups = grouping.groups(of: tensors, patterns: patterns)
    let columns = results.map {
      TextTable.Column("\($0.definition), \($0.compareType)", group: "sparsity %")
    }
    var text = TextTable(
      [TextTable.Column(grouping.rawValue, .left), TextTable.Column("compared")] + columns
    )
    let tables = results.map { table($0, groups) }
    for (row, group) in groups.enumerated() {
      text.append(cells(group.label, tables.map { $0.rows[row].sparsity }))
    }
    if withTotal { text.append(cells("all", tables.map(\.total))) }
    return text.rendered
  }

  private func cells(_ label: String, _ sparsities: [Sparsity]) -> [TextTable.Cell] {
    [TextTable.Cell(label), TextTable.Cell(NumberText.count(sparsities.first?.compared ?? 0))]
      + sparsities.map { TextTable.Cell($0.sparsity.map(NumberText.percent) ?? "-") }
  }
}
