import TestSupport
import ByteFormats
import Checkpoints
import SystemPackage
import Testing

@Suite struct ScaleTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func scale(of name: String, in checkpoint: Checkpoint) throws -> BlockScale {
    let tensor = try #require(checkpoint[name])
    let scale = try checkpoint.scale(for: tensor)
    return try #require(scale)
  }

  @Test func `scales fp8 weights by DeepSeek's blocks`() throws {
    var builder = SafetensorsBuilder()
    builder.add("l.weight", "F8_E4M3", [130, 3], [UInt8](repeating: 0x38, count: 390))
    builder.add("l.weight_scale_inv", floats: [0.5, 2], shape: [2, 1])
    builder.add("norm.weight", floats: [1])
    let checkpoint = try folder.open(builder)
    let scale = try scale(of: "l.weight", in: checkpoint)
    #expect(scale.values == [0.5, 2])
    #expect([scale.blockRows, scale.blockColumns, scale.blocksPerRow] == [128, 128, 1])
    #expect(checkpoint["l.weight_scale_inv"]?.isAuxiliary == true)
    #expect(
      checkpoint.tensors.filter(\.isFloatParameter).map(\.name) == ["l.weight", "norm.weight"]
    )
    #expect(checkpoint.notices == [.auxiliaryTensors(names: ["l.weight_scale_inv"])])
    let norm = try #require(checkpoint["norm.weight"])
    #expect(try checkpoint.scale(for: norm) == nil)
  }

  @Test func `takes the block size from config.json`() throws {
    var builder = SafetensorsBuilder()
    builder.add("l.weight", "F8_E4M3", [4, 4], [UInt8](repeating: 0, count: 16))
    builder.add("l.weight_scale_inv", floats: [1, 2, 3, 4], shape: [2, 2])
    let config: JSONValue = ["quantization_config": ["weight_block_size": [2, 2]]]
    let checkpoint = try folder.open(builder, config: config)
    let scale = try checkpoint.scale(for: checkpoint.tensors[0])
    #expect(scale?.blockRows == 2)
    #expect(scale?.blocksPerRow == 2)
  }

  @Test func `scales by tensor and by row, in half precision too`() throws {
    var builder = SafetensorsBuilder()
    builder.add("a.weight", "F8_E4M3", [2, 3], [UInt8](repeating: 0, count: 6))
    builder.add("a.weight_scale", "BF16", [], [0x00, 0x40])
    builder.add("a.input_scale", "BF16", [], [0x00, 0x40])
    builder.add("b.weight", "F8_E5M2", [2, 3], [UInt8](repeating: 0, count: 6))
    builder.add("b.weight_scale", "F16", [2, 1], [0x00, 0x3C, 0x00, 0x40])
    let checkpoint = try folder.open(builder)
    let whole = try scale(of: "a.weight", in: checkpoint)
    #expect(whole.values == [2])
    #expect([whole.blockRows, whole.blockColumns, whole.blocksPerRow] == [128, 128, 1])
    let rows = try scale(of: "b.weight", in: checkpoint)
    #expect(rows.values == [1, 2])
    #expect([rows.blockRows, rows.blockColumns, rows.blocksPerRow] == [1, 3, 1])
    #expect(checkpoint["a.input_scale"]?.isAuxiliary == true)
  }

  @Test func `scales fused experts, each by its own blocks`() throws {
    var builder = SafetensorsBuilder()
    builder.add("e.weight", "F8_E4M3", [2, 4, 3], [UInt8](repeating: 0, count: 24))
    builder.add(
      "e.weight_scale_inv",
      "F8_E8M0",
      [2, 2, 2],
      [127, 128, 126, 0, 127, 127, 127, 127]
    )
    let config: JSONValue = ["quantization_config": ["weight_block_size": [2, 2]]]
    let checkpoint = try folder.open(builder, config: config)
    let scale = try scale(of: "e.weight", in: checkpoint)
    let least = Float(sign: .plus, exponent: -127, significand: 1)
    #expect(scale.values.prefix(4) == [1, 2, 0.5, least])
    #expect([scale.blockRows, scale.blockColumns, scale.blocksPerRow] == [2, 2, 2])
  }

  @Test func `refuses blocks that straddle experts`() throws {
    var builder = SafetensorsBuilder()
    builder.add("e.weight", "F8_E4M3", [2, 3, 2], [UInt8](repeating: 0, count: 12))
    builder.add("e.weight_scale_inv", floats: [1, 2, 3, 4], shape: [2, 2, 1])
    let config: JSONValue = ["quantization_config": ["weight_block_size": [2, 2]]]
    let checkpoint = try folder.open(builder, config: config)
    #expect(throws: CheckpointError.self) { try scale(of: "e.weight", in: checkpoint) }
  }

  @Test func `refuses scales that do not fit`() throws {
    var builder = SafetensorsBuilder()
    builder.add("l.weight", "F8_E4M3", [130, 3], [UInt8](repeating: 0, count: 390))
    builder.add("l.weight_scale_inv", floats: [1, 2, 3], shape: [3])
    let checkpoint = try folder.open(builder)
    #expect(throws: CheckpointError.self) { try checkpoint.scale(for: checkpoint.tensors[0]) }
  }

  @Test func `says which fp8 tensors have no scales`() throws {
    var builder = SafetensorsBuilder()
    builder.add("l.weight", "F8_E4M3", [1], [0])
    let checkpoint = try folder.open(builder)
    #expect(checkpoint.notices == [.unscaledTensors(names: ["l.weight"])])
    #expect(try checkpoint.scale(for: checkpoint.tensors[0]) == nil)
  }
}
