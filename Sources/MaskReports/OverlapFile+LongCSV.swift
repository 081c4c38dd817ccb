internal import ByteFormats
internal import MaskQuery

extension OverlapFile {
  /// One row a pair: the masks, every metric, every value of every null, the version.
  ///
  /// The columns are the keys of `maskdb.overlap/1`; those of a null bear its name. A field is empty
  /// where a value is null, and the column `reason` says why.
  var longCSV: String {
    let rows = report.pairs.map(fields)
    let heading = rows.first.map { CSVLine.of($0.map(\.key)) } ?? ""
    return heading + rows.map { CSVLine.of($0.map(\.text)) }.joined()
  }

  private typealias Field = (key: String, text: String)

  private func fields(of pair: PairOverlap) -> [Field] {
    let metrics = pair.json(nulls: []).object ?? [:]
    let shared = fields("", metrics, leavingOut: ["a", "b", "nulls"])
    let nulls = report.nulls.flatMap { null in
      fields("\(null.rawValue)_", pair.nulls[null]?.json(null).object ?? [:], leavingOut: [])
    }
    return names(of: pair) + shared + nulls
      + [("direction", Self.coverageDirection), ("maskdb_version", version)]
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
