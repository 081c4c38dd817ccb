internal import ByteFormats
internal import Foundation
internal import MaskIngest
internal import MaskModel
internal import MaskReports

extension [AddReport] {
  /// The reports as JSON, as Schemas/add.schema.json says.
  var json: JSONValue {
    ["schema": "maskdb.add/1", "runs": .array(map(\.json))]
  }

  /// The reports as lines, one a mask.
  var text: String { flatMap(\.lines).joined(separator: "\n") }
}

extension AddReport {
  fileprivate var json: JSONValue {
    [
      "path": .string(notes.reference), "run": .string(run),
      "added": .array(added.map { $0.json(run) }),
      "known": .array(known.map { .string($0.definition.rule.description) }),
      "notices": .array(notes.notices.map { .string($0) }),
      "skipped_tensors": .array(notes.skipped.map(\.json)),
    ]
  }

  fileprivate var lines: [String] {
    added.map { "added \($0.choice.maskName(of: run)): \($0.text)" }
      + known.map { "\(notes.reference) is there already as \($0.maskName(of: run))" }
  }
}

extension AddedMask {
  fileprivate var density: Double? { compared > 0 ? Double(count) / Double(compared) : nil }

  fileprivate func json(_ run: String) -> JSONValue {
    [
      "id": .string(choice.maskName(of: run)),
      "definition": .string(choice.definition.rule.description),
      "compare_dtype": .string(choice.definition.compareType.rawValue),
      "parameters": .integer(compared),
      "count": .integer(count), "density": density.map { .number($0) } ?? .null,
    ]
  }

  fileprivate var text: String {
    guard let density else { return "nothing was compared" }
    let percent = NumberText.percent(density)
    return
      "\(count) of \(compared, of: "parameter") changed (\(percent) %), compared in \(choice.definition.compareType)"
  }
}
