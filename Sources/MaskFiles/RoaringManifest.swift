internal import ByteFormats
internal import MaskModel

/// What a folder of roaring files says of itself, in `manifest.json`.
struct RoaringManifest {
  /// The name of the schema and its version.
  static let schema = "maskdb.roaring/1"
  /// The name of the file.
  static let fileName = "manifest.json"

  /// One tensor and its file.
  struct Entry {
    let tensor: TensorLayout
    let file: String
    let count: Int
    let width: RoaringWidth
  }

  let provenance: MaskProvenance
  let entries: [Entry]

  /// The JSON text.
  var text: String {
    let object: JSONValue = [
      "schema": .string(Self.schema),
      "mask": .string(provenance.maskID),
      "definition": .string(provenance.definition),
      "compare_dtype": JSONValue(provenance.compareType?.rawValue),
      "base": JSONValue(provenance.base),
      "polarity": .string(provenance.polarity.rawValue),
      "maskdb_version": .string(provenance.toolVersion),
      "metadata": .object(metadata),
      "tensors": .array(entries.map(Self.value)),
    ]
    return object.serialized(.pretty) + "\n"
  }

  private var metadata: JSONObject {
    var object = JSONObject()
    for (key, value) in provenance.extra { object[key] = .string(value) }
    return object
  }

  private static func value(of entry: Entry) -> JSONValue {
    [
      "name": .string(entry.tensor.name),
      "shape": .array(entry.tensor.shape.dimensions.map(JSONValue.integer)),
      "file": .string(entry.file),
      "positions": .integer(entry.tensor.shape.count),
      "count": .integer(entry.count),
      "bits": .integer(entry.width.rawValue),
    ]
  }
}
