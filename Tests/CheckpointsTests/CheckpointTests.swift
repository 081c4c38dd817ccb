import TestSupport
import ByteFormats
import Checkpoints
import Foundation
import MaskModel
import SystemPackage
import Testing

@Suite struct CheckpointTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes `x-00001` with l.10 and l.2, `x-00002` with l.1, and their index.
  func writeShards() throws {
    let (first, second) = ("x-00001-of-00002.safetensors", "x-00002-of-00002.safetensors")
    try folder.write(first, SafetensorsBuilder.file(names: ["l.10", "l.2"]))
    try folder.write(second, SafetensorsBuilder.file(names: ["l.1"]))
    let index: JSONValue = [
      "metadata": ["total_size": 1],
      "weight_map": ["l.10": .string(first), "l.2": .string(first), "l.1": .string(second)],
    ]
    try folder.write("model.safetensors.index.json", index.serialized())
  }

  @Test func `reads elements of a single file`() throws {
    let file = try folder.write("model.safetensors", SafetensorsBuilder.file(names: ["b", "a"]))
    let checkpoint = try Checkpoint(at: file.string)
    #expect(checkpoint.tensors.map(\.name) == ["a", "b"])
    #expect(checkpoint.byteCount == 32)
    let tensor = try #require(checkpoint["b"])
    #expect(tensor.type == .f32)
    #expect(tensor.shape.dimensions == [4])
    #expect(try checkpoint.bytes(of: tensor, elements: 2..<3) == [0, 0, 0, 0x40])
    var buffer = [UInt8](repeating: 0, count: 8)
    try buffer.withUnsafeMutableBytes { try checkpoint.read(tensor, elements: 1..<3, into: $0) }
    #expect(buffer == [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
    #expect(checkpoint["c"] == nil)
    #expect(checkpoint.notices.isEmpty)
    #expect(checkpoint.config == nil)
  }

  @Test func `joins shards by name in natural order`() throws {
    try writeShards()
    let checkpoint = try Checkpoint(at: folder.path.string)
    #expect(checkpoint.tensors.map(\.name) == ["l.1", "l.2", "l.10"])
    #expect(checkpoint.tensors.map(\.fileIndex) == [1, 0, 0])
    #expect(checkpoint.fingerprint.files.count == 3)
    let index = folder.path.appending("model.safetensors.index.json")
    #expect(try Checkpoint(at: index.string).tensors == checkpoint.tensors)
  }

  @Test func `says when one part is opened alone`() throws {
    try writeShards()
    let part = "x-00002-of-00002.safetensors"
    let checkpoint = try Checkpoint(at: folder.path.appending(part).string)
    #expect(checkpoint.tensors.count == 1)
    #expect(checkpoint.notices == [.partOfCheckpoint(file: part)])
  }

  @Test func `accepts what the format allows`() throws {
    var builder = SafetensorsBuilder()
    builder.add("scalar", floats: [1], shape: [])
    builder.add("empty", floats: [], shape: [0, 7])
    builder.add("odd", "U8", [3], [1, 2, 3])
    builder.add("unaligned", floats: [2])
    builder.add("four-bit", "F4", [3, 2], [1, 2, 3])
    var header = builder.header
    header["__metadata__"] = ["format": "pt"]
    let text = JSONValue.object(header).serialized() + "    "
    try folder.write("model.safetensors", SafetensorsBuilder.file(header: text, data: builder.data))
    let checkpoint = try Checkpoint(at: folder.path.string)
    #expect(checkpoint["scalar"]?.shape.count == 1)
    #expect(checkpoint["empty"]?.byteCount == 0)
    let last = try #require(checkpoint["four-bit"])
    #expect(try checkpoint.bytes(of: last, elements: 2..<4) == [2])
    let unaligned = try #require(checkpoint["unaligned"])
    #expect(try checkpoint.bytes(of: unaligned) == [0, 0, 0, 0x40])
    #expect(
      checkpoint.notices == [
        .nonFloatTensors(type: .f4, names: ["four-bit"]),
        .nonFloatTensors(type: .u8, names: ["odd"]),
      ]
    )
  }

  @Test func `accepts a file without tensors`() throws {
    let file = try folder.write("a.safetensors", SafetensorsBuilder.file(header: "{}"))
    #expect(try Checkpoint(at: file.string).tensors.isEmpty)
  }

  @Test func `every prefix of a good file is refused`() throws {
    let bytes = SafetensorsBuilder.file(names: ["a", "bb", "ccc"])
    for count in 0..<bytes.count {
      let file = try folder.write("a.safetensors", bytes[..<count])
      #expect(throws: CheckpointError.self) { try Checkpoint(at: file.string) }
    }
  }

  @Test func `no change of one byte crashes`() throws {
    let bytes = SafetensorsBuilder.file(names: ["a", "bb"])
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= place % 2 == 0 ? 0x01 : 0x80
      let file = try folder.write("a.safetensors", changed)
      guard let checkpoint = try? Checkpoint(at: file.string) else { continue }
      for tensor in checkpoint.tensors { _ = try checkpoint.bytes(of: tensor) }
    }
  }

  @Test func `opens more files than the soft limit at first allows`() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      var map: JSONObject = [:]
      for number in 0..<200 {
        let shard = "model-\(number).safetensors"
        try folder.write(shard, SafetensorsBuilder.file(names: ["t\(number)"]))
        map["t\(number)"] = .string(shard)
      }
      let index: JSONValue = ["weight_map": .object(map)]
      try folder.write("model.safetensors.index.json", index.serialized())
      var limit = rlimit()
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      try #require(getrlimit(resource, &limit) == 0)
      limit.rlim_cur = 100
      try #require(setrlimit(resource, &limit) == 0)
      #expect(try Checkpoint(at: folder.path.string).tensors.count == 200)
    }
  }
}
