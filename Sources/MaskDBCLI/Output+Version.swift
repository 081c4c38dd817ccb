internal import ByteFormats
internal import MaskDB

extension Output {
  /// Writes an answer with the version of maskdb: `json` where that is asked for, else `text`.
  static func print(isJSON: Bool, _ json: JSONValue, _ text: String) throws {
    var members = json.object ?? [:]
    members["maskdb_version"] = .string(MaskDBRelease.version)
    try print(
      isJSON
        ? JSONValue.object(members).serialized(.pretty)
        : text + "maskdb \(MaskDBRelease.version).\n"
    )
  }
}
