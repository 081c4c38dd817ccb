import ByteFormats
import Checkpoints
import MaskModel
import SystemPackage
import Testing

@Suite struct CheckpointTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `reads elements of a single file`() throws {
    let file = try folder.write("model.safetensors", SafetensorsBuilder.file(names: ["b", "a"]))
    let checkpoint = try Checkpoint(at: file.string)
    #expect(checkpoint.tensors.map(\.name) == ["a", "b"])
    #expect(checkpoint.byteCount == 32)
    let tensor = try #require(checkpoint["b"])
    #expect(tensor.type == .f32)
    #expect(tensor.shape.dimensions == [4])
    #expect(try checkpoint.bytes(of: tensor, elements: 2..<3) == [0, 0, 0, 0x40])
  }

  @Test func `joins shards by name in natural order`() throws {
    try folder.write(
      "x-00001-of-00002.safetensors",
      SafetensorsBuilder.file(names: ["l.10", "l.2"])
    )
    try folder.write("x-00002-of-00002.safetensors", SafetensorsBuilder.file(names: ["l.1"]))
    try folder.write(
      "model.safetensors.index.json",
      """
      {"metadata": {"total_size": 1}, "weight_map": {"l.10": "x-00001-of-00002.safetensors",
      "l.2": "x-00001-of-00002.safetensors", "l.1": "x-00002-of-00002.safetensors"}}
      """
    )
    let checkpoint = try Checkpoint(at: folder.path.string)
    #expect(checkpoint.tensors.map(\.name) == ["l.1", "l.2", "l.10"])
    #expect(checkpoint.tensors.map(\.fileIndex) == [1, 0, 0])
    #expect(checkpoint.fingerprint.files.count == 3)
  }
}
