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

extension SkippedTensor {
  /// The tensor as every report has it.
  public var json: JSONValue { ["name": .string(name), "reason": .string(reason)] }
}
