internal import ByteFormats
internal import Foundation
internal import MaskQuery
internal import MaskReports

/// What became of a mask that was derived.
struct DerivedMask {
  let mask: MaskSummary
  let isNew: Bool

  /// As Schemas/derive.schema.json says.
  var json: JSONValue {
    ["schema": "maskdb.derive/1", "is_new": .bool(isNew), "mask": mask.json]
  }

  var text: String {
    let share = mask.density.map { " (\(NumberText.percent($0)) %)" } ?? ""
    return isNew
      ? "derived \(mask.id): \(mask.count) of \(mask.parameters, of: "parameter")\(share)"
      : "\(mask.id) is there already"
  }
}
