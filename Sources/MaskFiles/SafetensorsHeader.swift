internal import ByteFormats
internal import SystemPackage

/// The header of a safetensors file whose tensors are given in the order of their bytes.
struct SafetensorsHeader {
  /// The length of the JSON text and the text, with spaces to a multiple of 8.
  let bytes: [UInt8]

  /// Readers refuse a longer text.
  private static let limit = 100_000_000
  private static let metadataKey = "__metadata__"

  /// - Throws: where a name is the format's own, or the text is too long for `path` to be read.
  init(
    _ payloads: [MaskPayload],
    metadata: [(key: String, value: String)],
    for path: FilePath
  ) throws(MaskFileError) {
    var header = JSONObject()
    header[Self.metadataKey] = .object(Self.object(metadata))
    var end = 0
    for payload in payloads {
      guard payload.name != Self.metadataKey else { throw .reservedName(payload.name) }
      header[payload.name] = [
        "dtype": .string(payload.type),
        "shape": .array(payload.shape.map(JSONValue.integer)),
        "data_offsets": [.integer(end), .integer(end + payload.byteCount)],
      ]
      end += payload.byteCount
    }
    var text = Array(JSONValue.object(header).serialized().utf8)
    text += repeatElement(UInt8(ascii: " "), count: -text.count & 7)
    guard text.count <= Self.limit else { throw .headerTooLong(path, byteCount: text.count) }
    var writer = ByteWriter(capacity: 8 + text.count)
    writer.append(UInt64(text.count))
    writer.append(contentsOf: text)
    bytes = writer.bytes
  }

  /// What `transformers` asks for, then the members.
  private static func object(_ members: [(key: String, value: String)]) -> JSONObject {
    var object: JSONObject = ["format": "pt"]
    for (key, value) in members where object[key] == nil { object[key] = .string(value) }
    return object
  }
}
