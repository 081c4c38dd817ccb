import TestSupport
import ByteFormats
import Checkpoints
import SystemPackage
import Testing

@Suite struct LocationTests {
  let folder: TemporaryFolder
  let good = SafetensorsBuilder.file(names: ["w"])

  init() throws { folder = try TemporaryFolder() }

  func refusal(of name: String = "") -> CheckpointError? {
    do {
      _ = try Checkpoint(at: folder.path.pushing(FilePath(name)).string)
      return nil
    } catch {
      return error
    }
  }

  @Test func `takes the only safetensors file, whatever its name`() throws {
    try folder.write("consolidated.safetensors", good)
    try folder.write("training_args.bin", "x")
    let checkpoint = try Checkpoint(at: folder.path.string)
    #expect(checkpoint.files[0].path.lastComponent == "consolidated.safetensors")
    #expect(checkpoint.notices.isEmpty)
  }

  @Test func `prefers model.safetensors and says what it left`() throws {
    try folder.write("model.safetensors", good)
    try folder.write("other.safetensors", good)
    try folder.write("pytorch_model.bin", "x")
    let checkpoint = try Checkpoint(at: folder.path.string)
    let others = ["other.safetensors", "pytorch_model.bin"]
    #expect(checkpoint.notices == [.otherWeightsIgnored(files: others)])
  }

  @Test func `does not guess between several files`() throws {
    try folder.write("a.safetensors", good)
    try folder.write("b.safetensors", good)
    let error = try #require(refusal())
    #expect(error.reason == .noIndex(files: ["a.safetensors", "b.safetensors"]))
    #expect(error.kind == .notACheckpoint)
  }

  @Test func `does not take one part for the whole`() throws {
    try folder.write("model-00001-of-00002.safetensors", good)
    #expect(refusal()?.reason == .noIndex(files: ["model-00001-of-00002.safetensors"]))
    try folder.write("b/model-00001-of-00001.safetensors", good)
    #expect(refusal(of: "b") == nil)
  }

  @Test func `names the folders below that hold weights`() throws {
    try folder.write("checkpoint-10/model.safetensors", good)
    try folder.write("checkpoint-20/model.safetensors", good)
    try folder.write("step/actor/huggingface/model.safetensors", good)
    try folder.write("logs/events", "x")
    let expected = ["checkpoint-10", "checkpoint-20", "step/actor/huggingface"]
    #expect(refusal()?.reason == .noWeights(candidates: expected))
    #expect(refusal(of: "logs")?.reason == .noWeights(candidates: []))
  }

  @Test func `says so where nothing is`() throws {
    let error = try #require(refusal(of: "absent/folder"))
    #expect(error.kind == .notFound)
    #expect(error.reason == .notFound(cache: nil))
  }

  @Test(
    arguments: [
      (["pytorch_model.bin", "config.json"], .torchPickle),
      (["pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin"], .torchPickle),
      (["consolidated.00.pth"], .torchPickle),
      (["model_world_size_8_rank_0.pt", "extra_state_world_size_8_rank_0.pt"], .veRL),
      (["zero_to_fp32.py", "latest", "global_step100/x"], .deepSpeed),
      (["bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt"], .deepSpeed),
      (["mp_rank_00_model_states.pt"], .deepSpeed),
      (["global_step100/mp_rank_00_model_states.pt", "latest"], .deepSpeed),
      ([".metadata", "__0_0.distcp"], .torchDistributed),
      ([".metadata"], .torchDistributed),
      (["common.pt", "metadata.json", "__0_0.distcp"], .megatron),
      (["mp_rank_00/model_optim_rng.pt"], .megatron),
      (["latest_checkpointed_iteration.txt", "iter_0000010/x"], .megatron),
      (["adapter_config.json", "adapter_model.safetensors"], .loraAdapter),
      (["model-q4.gguf"], .gguf),
      (["tf_model.h5"], .otherFramework),
      (["actor/model_world_size_2_rank_1.pt", "actor/huggingface/config.json"], .veRL),
    ] as [([String], ForeignFormat)]
  )
  func `names what converts another format`(files: [String], format: ForeignFormat) throws {
    for file in files { try folder.write(file, "x") }
    let error = try #require(refusal())
    #expect(error.reason == .foreign(format))
    #expect(error.kind == .unsupported)
    #expect(error.description.contains("\(format)"))
  }

  @Test(
    arguments: [
      ("pytorch_model.bin", .torchPickle), ("w.pt", .torchPickle), ("w.gguf", .gguf),
      ("pytorch_model.bin.index.json", .torchPickle), ("adapter_model.safetensors", .loraAdapter),
    ] as [(String, ForeignFormat)]
  )
  func `names what converts a file of another format`(name: String, format: ForeignFormat) throws {
    try folder.write(name, "x")
    #expect(refusal(of: name)?.reason == .foreign(format))
  }

  @Test func `reads full weights beside an adapter, saying so`() throws {
    try folder.write("model.safetensors", good)
    try folder.write("adapter_config.json", "{}")
    let notices = try Checkpoint(at: folder.path.string).notices
    #expect(notices == [.otherWeightsIgnored(files: ["adapter_config.json"])])
  }
}
