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
  /// The pairs that are not among them, where some were left out.
  public let omitted: OmittedPairs?

  /// A report on `pairs` of `masks`, under `nulls`; `omitted` are not among the pairs.
  public init(
    masks: [MaskSummary],
    pairs: [PairOverlap],
    nulls: [Null] = Null.allCases,
    omitted: OmittedPairs? = nil
  ) {
    self.omitted = omitted.flatMap { $0.count > 0 ? $0 : nil }
    self.masks = masks
    self.pairs = pairs
    self.nulls = Null.allCases.filter(nulls.contains)
  }

  /// The nulls that a table shows where none is asked for by name.
  public static let tableNulls: [Null] = [.global, .magnitude]
}

extension OverlapReport {
  /// The report as schema `maskdb.overlap/1` has it.
  public var json: JSONValue {
    var members: JSONObject = [
      "schema": "maskdb.overlap/1",
      "masks": .array(masks.map(\.json)),
      "pairs": .array(pairs.map { $0.json(nulls: nulls) }),
    ]
    members["omitted"] = omitted?.json
    return .object(members)
  }
}
