/// A form of weights that is recognised, not read: it has to be converted to safetensors first.
public enum ForeignFormat: Sendable, Hashable, CaseIterable {
  /// Pickled by `torch.save`: `pytorch_model.bin`, `*.pt`, `consolidated.00.pth`.
  case torchPickle
  /// The FSDP shards of veRL: `model_world_size_8_rank_0.pt`.
  case veRL
  /// The ZeRO shards of DeepSpeed: `global_step100/zero_pp_rank_0_mp_rank_00_optim_states.pt`.
  case deepSpeed
  /// `torch.distributed.checkpoint`: `.metadata` and `__0_0.distcp`.
  case torchDistributed
  /// Megatron: `common.pt` beside `*.distcp`, or `mp_rank_00/model_optim_rng.pt`.
  case megatron
  /// A LoRA adapter, which has no weights of its own: `adapter_model.safetensors`.
  case loraAdapter
  /// A safetensors checkpoint whose LoRA matrices are not merged.
  case unmergedLoRA
  /// The files of llama.cpp: `*.gguf`.
  case gguf
  /// The files of TensorFlow and Flax: `tf_model.h5`, `flax_model.msgpack`.
  case otherFramework
}

extension ForeignFormat {
  /// What a folder with `names` in it is; nil where they say nothing.
  ///
  /// The more telling names come first: a folder of veRL is also one of `*.pt` files.
  init?(namesIn names: [String]) {
    let match = Self.rules.first { rule in names.contains(where: rule.matches) }
    guard let match else { return nil }
    self = match.format
  }

  private typealias Rule = (format: ForeignFormat, matches: @Sendable (String) -> Bool)

  private static let rules: [Rule] = [
    (.loraAdapter, { $0.hasPrefix("adapter_model.") || $0 == "adapter_config.json" }),
    (.veRL, { $0.hasPrefix("model_world_size_") && $0.hasSuffix(".pt") }),
    (.megatron, { $0 == "common.pt" || $0 == "model_optim_rng.pt" }),
    (.megatron, { $0 == "latest_checkpointed_iteration.txt" }),
    (.megatron, { $0.hasPrefix("mp_rank_") && !$0.hasSuffix(".pt") }),
    (.torchDistributed, { $0.hasSuffix(".distcp") || $0 == ".metadata" }),
    (.deepSpeed, { $0 == "zero_to_fp32.py" || $0.contains("zero_pp_rank_") }),
    (.deepSpeed, { $0.hasSuffix("_model_states.pt") || isDeepSpeedStep($0) }),
    (.gguf, { $0.hasSuffix(".gguf") }),
    (.torchPickle, isTorchPickle),
    (.otherFramework, { $0.hasSuffix(".h5") || $0.hasSuffix(".msgpack") }),
    (.otherFramework, { $0.hasSuffix(".ckpt.index") }),
  ]

  @Sendable
  private static func isTorchPickle(_ name: String) -> Bool {
    // Trainers save these beside the weights.
    guard !["training_args.bin", "optimizer.pt", "scheduler.pt", "scaler.pt"].contains(name) else {
      return false
    }
    return [".bin", ".bin.index.json", ".pt", ".pth", ".ckpt"].contains { name.hasSuffix($0) }
  }

  /// `global_step100`, without the underscore of veRL.
  private static func isDeepSpeedStep(_ name: String) -> Bool {
    let step = name.dropFirst("global_step".count)
    return name.hasPrefix("global_step") && !step.isEmpty && step.allSatisfy(\.isNumber)
  }
}
