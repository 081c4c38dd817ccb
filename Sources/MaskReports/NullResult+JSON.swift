public import ByteFormats
public import MaskQuery

extension NullResult {
  /// The result under `null`; `reason` is there where a value is null, `z` where the null has one.
  public func json(_ null: Null) -> JSONValue {
    var members: JSONObject = [
      "expected": JSONValue(expected),
      "lift": JSONValue(lift),
      "max": JSONValue(max),
      "max_lift": JSONValue(maxLift),
      "attained": JSONValue(attained),
      "excess": JSONValue(excess),
      "jaccard_at_expected": JSONValue(jaccardAtExpected),
    ]
    if null.hasVariance { members["z"] = JSONValue(z) }
    if null == .rowColumn {
      members["saturated"] = .integer(saturated.count)
      members["saturated_tensors"] = .array(saturated.map(JSONValue.string))
    }
    if let reason { members["reason"] = .string(reason) }
    return .object(members)
  }
}
