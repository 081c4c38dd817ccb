internal import ByteFormats
internal import MaskQuery

extension OverlapReport {
  /// One row a pair, and where pairs are resolved one for each of its groups: the masks, every
  /// metric, every value of every null.
  ///
  /// The columns are the keys of `maskdb.overlap/1`; those of a null bear its name. A field is empty
  /// where a value is null, and the column `reason` says why.
  var records: RecordTable {
    let (labels, places) = (MaskLabels(masks), places)
    let rows = rows.map { row in
      names(row.pair, labels, places) + [row.group].compactMap { $0.map { ("group", $0) } }
        + figures(row.pair)
    }
    let omitted = [omitted].compactMap { $0.map { ("omitted", $0.sentence) } }
    return RecordTable(
      columns: rows.first?.map(\.key) ?? [],
      rows: rows.map { $0.map(\.text) },
      facts: [("direction", Self.coverageDirection)] + omitted + RecordTable.gaps(tensors, masks)
    )
  }

  /// Which way coverages read.
  static let coverageDirection = "coverage_a = |A∩B|/|A|, coverage_b = |A∩B|/|B|"

  private typealias Field = RecordTable.Field

  private var places: [String: MaskSummary] {
    Dictionary(masks.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private func names(
    _ pair: PairOverlap,
    _ labels: MaskLabels,
    _ masks: [String: MaskSummary]
  ) -> [Field] {
    let sides = [("a", pair.a), ("b", pair.b)]
    return sides.map { ($0, labels[$1]) }
      + sides.flatMap { side, id in
        [
          ("definition_\(side)", masks[id]?.definition ?? ""),
          ("compare_dtype_\(side)", masks[id]?.compareType ?? ""),
        ]
      }
  }

  private func figures(_ pair: PairOverlap) -> [Field] {
    let metrics = pair.json(nulls: []).object ?? [:]
    return fields("", metrics, leavingOut: ["a", "b", "nulls"])
      + nulls.flatMap { null in
        fields("\(null.rawValue)_", pair.nulls[null]?.json(null).object ?? [:], leavingOut: [])
      }
  }

  private func fields(_ prefix: String, _ members: JSONObject, leavingOut: [String]) -> [Field] {
    let plain = members.filter { key, _ in key != "reason" && !leavingOut.contains(key) }
    return plain.map { (prefix + $0, RecordTable.text($1)) }
      + [(prefix + "reason", members["reason"].map(RecordTable.text) ?? "")]
  }
}
