internal import ByteFormats
internal import MaskModel
internal import SystemPackage

/// The header of a safetensors file whose tensors are BOOL and in the order of the layout.
struct SafetensorsHeader {
  /// The length of the JSON text and the text, with spaces to a multiple of 8.
  let bytes: [UInt8]

  /// Readers refuse a longer text.
  private static let limit = 100_000_000
  private static let metadataKey = "__metadata__"

  init(of layout: ModelLayout, metadata: MaskProvenance, for path: FilePath) throws(MaskFileError) {
    var header = JSONObject()
    header[Self.metadataKey] = .object(Self.metadata(metadata))
    var end = 0
    for tensor in layout.tensors {
      guard tensor.name != Self.metadataKey else { throw .reservedName(tensor.name) }
      header[tensor.name] = Self.entry(tensor, from: end)
      end += tensor.shape.count
    }
    var text = Array(JSONValue.object(header).serialized().utf8)
    text += repeatElement(UInt8(ascii: " "), count: -text.count & 7)
    guard text.count <= Self.limit else { throw .headerTooLong(path, byteCount: text.count) }
    var writer = ByteWriter(capacity: 8 + text.count)
    writer.append(UInt64(text.count))
    writer.append(contentsOf: text)
    bytes = writer.bytes
  }

  /// What `transformers` asks for, what the mask is, then what else is to be said.
  private static func metadata(_ provenance: MaskProvenance) -> JSONObject {
    var object: JSONObject = ["format": "pt"]
    for (key, value) in provenance.members where object[key] == nil {
      object[key] = .string(value)
    }
    return object
  }

  private static func entry(_ tensor: TensorLayout, from start: Int) -> JSONValue {
    [
      "dtype": "BOOL",
      "shape": .array(tensor.shape.dimensions.map(JSONValue.integer)),
      "data_offsets": [.integer(start), .integer(start + tensor.shape.count)],
    ]
  }
}

extension SafetensorsHeader {
  /// Whether the file at `path` is safetensors with the metadata that an export has.
  static func isExport(_ path: FilePath) throws -> Bool {
    let file = try ReadableFile(at: path)
    guard file.size > 8 else { return false }
    let length = try file.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= 100_000_000, length <= UInt64(file.size - 8) else { return false }
    let header = try? JSONValue(parsing: file.bytes(8..<8 + Int(length)))
    return header?["__metadata__"]?["maskdb_version"] != nil
  }
}
