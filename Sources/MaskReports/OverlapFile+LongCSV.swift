internal import ByteFormats
internal import MaskQuery

extension OverlapFile {
  /// One row a pair, and where pairs are resolved one for each of its groups: the masks, every metric, every value of every null, the version.
  ///
  /// The columns are the keys of `maskdb.overlap/1`; those of a null bear its name. A field is empty
  /// where a value is null, and the column `reason` says why.
  var longCSV: String {
    let rows = report.rows.map { fields(of: $0.pair, group: $0.group) }
    let heading = rows.first.map { CSVLine.of($0.map(\.key)) } ?? ""
    return heading + rows.map { CSVLine.of($0.map(\.text)) }.joined()
  }

  private typealias Field = (key: String, text: String)

  private func fields(of pair: PairOverlap, group: String?) -> [Field] {
    let metrics = pair.json(nulls: []).object ?? [:]
    let shared = fields("", metrics, leavingOut: ["a", "b", "nulls"])
    let nulls = report.nulls.flatMap { null in
      fields("\(null.rawValue)_", pair.nulls[null]?.json(null).object ?? [:], leavingOut: [])
    }
    let facts = [("direction", Self.coverageDirection), ("maskdb_version", version)]
    return names(of: pair) + [group].compactMap { $0.map { ("group", $0) } } + shared + nulls
      + [tensors].compactMap { $0.map { ("tensors", $0) } } + facts
  }

  private func names(of pair: PairOverlap) -> [Field] {
    let labels = MaskLabels(report.masks)
    let sides = [("a", pair.a), ("b", pair.b)]
    return sides.map { ($0, labels[$1]) }
      + sides.flatMap { side, id -> [Field] in
        let mask = report.masks.first { $0.id == id }
        return [
          ("definition_\(side)", mask?.definition ?? ""),
          ("compare_dtype_\(side)", mask?.compareType ?? ""),
        ]
      }
  }

  private func fields(_ prefix: String, _ members: JSONObject, leavingOut: [String]) -> [Field] {
    let plain = members.filter { key, _ in key != "reason" && !leavingOut.contains(key) }
    return plain.map { (prefix + $0, text($1)) }
      + [(prefix + "reason", members["reason"].map(text) ?? "")]
  }

  private func text(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    case .array(let values): values.map(text).joined(separator: " ")
    default: value.serialized()
    }
  }
}
