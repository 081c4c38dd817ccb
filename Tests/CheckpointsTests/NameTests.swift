import TestSupport
import ByteFormats
import Checkpoints
import SystemPackage
import Testing

@Suite struct NameTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    arguments: [
      ("_orig_mod.model.norm.weight", "model.norm.weight", ["_orig_mod."]),
      ("model.layers.0._orig_mod.w", "model.layers.0.w", ["_orig_mod."]),
      (
        "_fsdp_wrapped_module.model.layers.3._fsdp_wrapped_module.w", "model.layers.3.w",
        ["_fsdp_wrapped_module."]
      ),
      ("module.model.w", "model.w", ["module."]),
      ("module._orig_mod.model.w", "model.w", ["_orig_mod.", "module."]),
      ("base_model.model.model.w", "model.w", ["base_model.model."]),
      ("module.base_model.model.w", "w", ["base_model.model.", "module."]),
      ("model.module.w", "model.module.w", []),
      ("base_model.w", "base_model.w", []),
      ("module", "module", []),
      ("model._checkpoint_wrapped_module.w", "model.w", ["_checkpoint_wrapped_module."]),
      ("model._orig_mod", "model._orig_mod", []),
      ("my_orig_mod.w", "my_orig_mod.w", []),
    ] as [(String, String, [String])]
  )
  func `takes off what wrappers put before names`(
    stored: String,
    name: String,
    removed: [String]
  ) throws {
    let checkpoint = try folder.open(names: [stored])
    #expect(checkpoint.tensors.map(\.name) == [name])
    #expect(checkpoint.tensors.map(\.storedName) == [stored])
    #expect(
      checkpoint.notices
        == removed.map { .prefixStripped(prefix: $0, count: 1, example: stored) }
    )
  }

  @Test func `counts the names a prefix was taken off`() throws {
    let checkpoint = try folder.open(names: ["module.a", "module.b", "c"])
    #expect(
      checkpoint.notices == [.prefixStripped(prefix: "module.", count: 2, example: "module.a")]
    )
  }
}
