public import ByteFormats
public import MaskQuery

/// How pairs of masks overlap, as text and as JSON.
public struct OverlapReport: Sendable {
  /// The masks that were compared.
  public let masks: [MaskSummary]
  /// Their pairs, unordered and without self-pairs.
  public let pairs: [PairOverlap]
  /// The nulls that were asked for, in the order of `Null`.
  public let nulls: [Null]
  /// What pairs are resolved by; nil where they have no groups.
  public let grouping: TensorGrouping?
  /// The tensors that the figures are over; nil for the whole layout.
  public let tensors: ScopedTensors?
  /// The pairs that are not among them, where some were left out.
  public let omitted: OmittedPairs?

  /// A report on `pairs` of `masks`, under `nulls`, over `tensors`, in groups by `grouping`;
  /// `omitted` are not among the pairs.
  public init(
    masks: [MaskSummary],
    pairs: [PairOverlap],
    nulls: [Null] = Null.allCases,
    grouping: TensorGrouping? = nil,
    tensors: ScopedTensors? = nil,
    omitted: OmittedPairs? = nil
  ) {
    self.omitted = omitted.flatMap { $0.count > 0 ? $0 : nil }
    self.masks = masks
    self.pairs = pairs
    self.nulls = Null.allCases.filter(nulls.contains)
    self.grouping = grouping
    self.tensors = tensors
  }

  /// The nulls that a table shows where none is asked for by name.
  public static let tableNulls: [Null] = [.global, .magnitude]
}

extension OverlapReport {
  /// The report as schema `maskdb.overlap/1` has it.
  public var json: JSONValue {
    var members: JSONObject = ["schema": "maskdb.overlap/1"]
    for (key, value) in facts { members[key] = value }
    members["pairs"] = .array(pairs.map { $0.json(nulls: nulls, grouping: grouping) })
    members["omitted"] = omitted?.json
    return .object(members)
  }

  /// What stands before the pairs.
  var facts: JSONObject {
    var members: JSONObject = ["masks": .array(masks.map(\.json))]
    if let grouping { members["by"] = .string(grouping.rawValue) }
    for (key, value) in tensors?.members ?? [:] { members[key] = value }
    return members
  }
}

extension ScopedTensors {
  /// What stands in every report that leaves tensors out by name; nothing where none is.
  var members: JSONObject {
    guard !namesLeftOut.isEmpty else { return [:] }
    return [
      "included_tensors": .array(names.map(JSONValue.string)),
      "excluded_tensors": .array(namesLeftOut.map(JSONValue.string)),
    ]
  }
}
