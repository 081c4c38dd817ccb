public import ByteFormats
public import MaskModel
public import MaskQuery

extension MaskSummary {
  /// The mask as lists and overlaps have it: the keys of schema `maskdb.ls/1`.
  public var json: JSONValue {
    [
      "id": .string(id),
      "run": .string(run),
      "definition": .string(definition),
      "compare_dtype": JSONValue(compareType),
      "base": .string(base),
      "algorithm": JSONValue(algorithm),
      "dataset": JSONValue(dataset),
      "seed": JSONValue(seed),
      "step": JSONValue(step),
      "fields": .object(recorded),
      "parameters": .integer(parameters),
      "count": .integer(count),
      "density": JSONValue(density),
      "skipped_tensors": .array(skippedTensors.map(\.json)),
      "digest": JSONValue(digest),
      "kind": .string(lineage?.kind ?? "compared"),
      "lineage": lineage?.json ?? .null,
    ]
  }
}

extension MaskSummary {
  /// The fields that are recorded of the run and no other member of a list says.
  var furtherFields: [String] { fields.keys.filter { !Self.ownKeys.contains($0) } }

  private static let ownKeys: Set<String> = ["name", "algorithm", "dataset", "seed", "step"]

  private var recorded: JSONObject {
    var members = JSONObject()
    for key in fields.keys.sorted(by: NaturalOrder.precedes) {
      members[key] = JSONValue(fields[key])
    }
    return members
  }
}

extension SkippedTensor {
  /// The tensor as every report has it.
  public var json: JSONValue { ["name": .string(name), "reason": .string(reason)] }
}
