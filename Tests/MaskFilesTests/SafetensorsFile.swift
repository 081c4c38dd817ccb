import ByteFormats
import Testing

/// A safetensors file of BOOL tensors taken apart by hand.
struct SafetensorsFile {
  struct Entry: Hashable {
    let name: String
    let shape: [Int]
    let bytes: [UInt8]
  }

  let metadata: [String: String]
  /// In the order of the header.
  let tensors: [Entry]
  /// Where the data begins.
  let dataStart: Int

  /// Checks the rules of the format on the way.
  init(_ bytes: [UInt8]) throws {
    var reader = ByteReader(bytes.span)
    let length = Int(try reader.read(UInt64.self))
    let text = try reader.text(length)
    #expect(text.hasPrefix("{"))
    let members = try #require(try JSONValue(parsing: text).object)
    let start = reader.offset
    var end = start
    var tensors: [Entry] = []
    for (name, value) in members where name != "__metadata__" {
      let range = try Self.range(value).map { $0 + start }
      #expect(value["dtype"] == "BOOL")
      #expect(range[0] == end)
      end = range[1]
      let shape = try #require(value["shape"]?.array).compactMap(\.int)
      #expect(end - range[0] == shape.reduce(1, *))
      tensors.append(Entry(name: name, shape: shape, bytes: Array(bytes[range[0]..<end])))
    }
    #expect(end == bytes.count)
    dataStart = start
    self.tensors = tensors
    metadata = Dictionary(
      uniqueKeysWithValues: try #require(members["__metadata__"]?.object)
        .compactMap { key, value in value.string.map { (key, $0) } }
    )
  }

  private static func range(_ value: JSONValue) throws -> [Int] {
    let offsets = try #require(value["data_offsets"]?.array)
    try #require(offsets.count == 2)
    return offsets.compactMap(\.int)
  }
}
