import TestSupport
import ByteFormats
import Checkpoints
import SystemPackage

/// Lays out small safetensors files for tests.
struct SafetensorsBuilder {
  private(set) var header: JSONObject = [:]
  private(set) var data: [UInt8] = []

  /// Appends a tensor whose bytes are given.
  mutating func add(_ name: String, _ type: String, _ shape: [Int], _ bytes: [UInt8]) {
    header[name] = [
      "dtype": .string(type), "shape": .array(shape.map(JSONValue.integer)),
      "data_offsets": [.integer(data.count), .integer(data.count + bytes.count)],
    ]
    data += bytes
  }

  /// Appends a vector of floats.
  mutating func add(_ name: String, floats: [Float], shape: [Int]? = nil) {
    let bytes = floats.flatMap { float in
      (0..<4).map { UInt8(truncatingIfNeeded: float.bitPattern >> (8 * $0)) }
    }
    add(name, "F32", shape ?? [floats.count], bytes)
  }

  var bytes: [UInt8] { Self.file(header: JSONValue.object(header).serialized(), data: data) }

  /// A file with any header, well formed or not.
  static func file(header: String, data: [UInt8] = []) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(UInt64(header.utf8.count))
    writer.append(contentsOf: header.utf8)
    writer.append(contentsOf: data)
    return writer.bytes
  }

  /// A file with one tensor of floats for each name, holding 0, 1, ...
  static func file(names: [String], count: Int = 4) -> [UInt8] {
    var builder = SafetensorsBuilder()
    for name in names { builder.add(name, floats: (0..<count).map(Float.init)) }
    return builder.bytes
  }
}

extension TemporaryFolder {
  /// Writes `builder` to model.safetensors, and config.json where given, and opens the folder.
  func open(_ builder: SafetensorsBuilder, config: JSONValue? = nil) throws -> Checkpoint {
    try write("model.safetensors", builder.bytes)
    if let config { try write("config.json", config.serialized()) }
    return try Checkpoint(at: path.string)
  }

  /// As above, with equal vectors under `names`.
  func open(names: [String], config: JSONValue? = nil) throws -> Checkpoint {
    var builder = SafetensorsBuilder()
    for name in names { builder.add(name, floats: [1, 2, 3, 4]) }
    return try open(builder, config: config)
  }
}
