internal import ByteFormats
internal import MaskQuery

extension SparsityReport {
  /// One line for every mask and group.
  public var records: RecordTable {
    let definitions = Dictionary(
      entries.map { ($0.mask.id, $0.mask) },
      uniquingKeysWith: { first, _ in first }
    )
    let rows = (json["rows"]?.array ?? []).compactMap(\.object).map { row in
      var row = row
      let mask = row["mask"]?.string.flatMap { definitions[$0] }
      row["definition"] = mask.map { .string($0.definition) }
      row["compare_dtype"] = mask.map { JSONValue($0.compareType) }
      return row
    }
    let facts = [("by", grouping.rawValue)]
    return RecordTable(
      Self.keys,
      of: rows,
      facts: facts + RecordTable.gaps(nil, entries.map(\.mask))
    )
  }

  private static let keys = [
    "mask", "definition", "compare_dtype", "name", "tensor", "stack", "layer", "module",
    "parameters", "count", "density", "sparsity", "not_compared",
  ]
}
