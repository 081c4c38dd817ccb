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
      "added": .array(added.map(\.json)),
      "known": .array(known.map { .string($0.rule.description) }),
      "notices": .array(notes.notices.map { .string($0) }),
      "skipped_tensors": .array(notes.skipped.map(\.json)),
    ]
  }

  fileprivate var lines: [String] {
    added.map { "added \(run)@\($0.definition.rule): \($0.text)" }
      + known.map { "\(notes.reference) is there already as \(run)@\($0.rule)" }
  }
}

extension AddedMask {
  fileprivate var density: Double? { compared > 0 ? Double(count) / Double(compared) : nil }

  fileprivate var json: JSONValue {
    [
      "definition": .string(definition.rule.description),
      "compare_dtype": .string(definition.compareType.rawValue), "parameters": .integer(compared),
      "count": .integer(count), "density": density.map { .number($0) } ?? .null,
    ]
  }

  fileprivate var text: String {
    guard let density else { return "nothing was compared" }
    let percent = String(format: "%.2f", 100 * density)
    return "\(count) of \(compared) parameters changed (\(percent) %), compared in \(definition.compareType)"
  }
}
