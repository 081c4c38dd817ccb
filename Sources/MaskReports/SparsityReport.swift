public import ByteFormats
public import MaskQuery

/// How much masks changed, tensor by tensor, layer by layer or module by module.
public struct SparsityReport: Report {
  /// One mask's figures.
  public struct Entry: Sendable {
    /// The mask.
    public let mask: MaskSummary
    /// Its sparsity by group.
    public let table: SparsityTable

    /// The figures `table` of `mask`.
    public init(_ mask: MaskSummary, _ table: SparsityTable) {
      self.mask = mask
      self.table = table
    }
  }

  /// What the tensors are grouped by.
  public let grouping: TensorGrouping
  /// The masks.
  public let entries: [Entry]

  /// A report on `entries`, whose tensors are grouped by `grouping`.
  public init(by grouping: TensorGrouping, _ entries: [Entry]) {
    self.grouping = grouping
    self.entries = entries
  }
}

extension SparsityReport {
  /// The key of the rows.
  public static let listKey: String? = "rows"

  /// The report as schema `maskdb.sparsity/1` has it, but for the version: one row for every mask
  /// and group.
  public var json: JSONValue {
    let rows = entries.flatMap { entry in
      entry.table.rows.map { group, sparsity -> JSONValue in
        var members: JSONObject = ["mask": .string(entry.mask.id)]
        for (key, value) in group.members(grouping, sparsity) { members[key] = value }
        return .object(members)
      }
    }
    return [
      "schema": "maskdb.sparsity/1",
      "by": .string(grouping.rawValue),
      "masks": .array(entries.map(\.mask.json)),
      "rows": .array(rows),
    ]
  }
}

extension TensorGroup {
  /// What stands in every list of groups.
  func members(_ grouping: TensorGrouping) -> JSONObject {
    [
      "name": .string(label),
      "tensor": grouping == .tensor ? .string(label) : .null,
      "stack": JSONValue(layer?.stack),
      "layer": JSONValue(layer?.number),
      "module": JSONValue(module?.rawValue),
    ]
  }

  /// What stands in every list of groups, with counts and shares.
  func members(_ grouping: TensorGrouping, _ sparsity: Sparsity) -> JSONObject {
    var members = members(grouping)
    for (key, value) in sparsity.members { members[key] = value }
    return members
  }
}

extension Sparsity {
  /// Counts and shares.
  var members: JSONObject {
    [
      "parameters": .integer(compared),
      "count": .integer(changed),
      "density": JSONValue(density),
      "sparsity": JSONValue(sparsity),
      "not_compared": .integer(positions - compared),
    ]
  }
}
