internal import ByteFormats
internal import MaskQuery

extension OverlapFile {
  /// A line with schema, version, direction, nulls and masks; then a line a pair, each as in
  /// `maskdb.overlap/1`.
  var ndjson: String {
    let pairs = report.pairs.map { $0.json(nulls: report.nulls, grouping: report.grouping) }
    return ([header] + pairs).map { $0.serialized() + "\n" }.joined()
  }

  private var header: JSONValue {
    var members: JSONObject = [
      "schema": "maskdb.overlap.lines/1",
      "maskdb_version": .string(version),
      "direction": .string(OverlapReport.coverageDirection),
      "nulls": .array(report.nulls.map { .string($0.rawValue) }),
    ]
    for (key, value) in report.facts { members[key] = value }
    members["omitted"] = report.omitted?.json
    return .object(members)
  }
}
