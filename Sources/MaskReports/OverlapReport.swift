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

  /// A report on `pairs` of `masks`, under `nulls`.
  public init(masks: [MaskSummary], pairs: [PairOverlap], nulls: [Null] = Null.allCases) {
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
    [
      "schema": "maskdb.overlap/1",
      "masks": .array(masks.map(\.json)),
      "pairs": .array(pairs.map { $0.json(nulls: nulls) }),
    ]
  }
}
