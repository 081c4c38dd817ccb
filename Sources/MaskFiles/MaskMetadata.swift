internal import ByteFormats
internal import MaskModel

/// What mask files say of themselves, and where.
enum MaskMetadata {
  /// The name of the member of a zip archive that holds it.
  static let member = "maskdb.json"
  /// The key that files of ours have, and others have not.
  static let mark = "maskdb_version"

  /// The provenance, the format, the shapes where the arrays do not show them, and what is not covered.
  static func members(
    of provenance: MaskProvenance,
    _ format: MaskFormat,
    _ layout: ModelLayout
  ) -> [(key: String, value: String)] {
    var members = provenance.members
    members.append(("mask_format", format.rawValue))
    switch format {
    case .packed, .indices, .delta:
      members.append(("shapes", shapes(of: layout).serialized()))
    default: break
    }
    if format == .packed { members.append(("bit_order", "big")) }
    if !provenance.skipped.isEmpty {
      members.append(("skipped", provenance.skippedValue.serialized()))
    }
    return members
  }

  /// The members as one JSON object.
  static func text(_ members: [(key: String, value: String)]) -> String {
    var object = JSONObject()
    for (key, value) in members where object[key] == nil { object[key] = .string(value) }
    return JSONValue.object(object).serialized()
  }

  static func shapes(of layout: ModelLayout) -> JSONValue {
    var shapes = JSONObject()
    for tensor in layout.tensors {
      shapes[tensor.name] = .array(tensor.shape.dimensions.map(JSONValue.integer))
    }
    return .object(shapes)
  }
}
