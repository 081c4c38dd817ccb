extension ForeignFormat: CustomStringConvertible {
  /// What it is, and how to convert it, as a clause.
  public var description: String {
    switch self {
    case .torchPickle:
      """
      pickled PyTorch weights; convert them with `python -c "from transformers import \
      AutoModelForCausalLM as M; M.from_pretrained('IN', torch_dtype='auto')\
      .save_pretrained('OUT', safe_serialization=True)"`
      """
    case .veRL:
      """
      FSDP shards of veRL; merge them with `python -m verl.model_merger merge --backend fsdp \
      --local_dir IN --target_dir OUT`
      """
    case .deepSpeed:
      """
      ZeRO shards of DeepSpeed; merge them with the `zero_to_fp32.py` in the folder: \
      `python zero_to_fp32.py . OUT --safe_serialization`
      """
    case .torchDistributed:
      """
      a torch.distributed checkpoint; convert it with \
      `python -m torch.distributed.checkpoint.format_utils dcp_to_torch IN OUT.pt`, \
      load the result and save it with safetensors
      """
    case .megatron:
      """
      a Megatron checkpoint; convert it with the exporter of your framework, such as \
      `python -m verl.model_merger merge --backend megatron` or Megatron Bridge's `export_ckpt`
      """
    case .loraAdapter:
      """
      a LoRA adapter, which is not the weights of a model; merge it first: \
      `PeftModel.from_pretrained(base, 'IN').merge_and_unload().save_pretrained('OUT')`
      """
    case .unmergedLoRA:
      "the LoRA matrices are not merged; call `merge_and_unload()` before `save_pretrained`"
    case .gguf: "the GGUF format of llama.cpp; use the safetensors files it was made from"
    case .otherFramework:
      "weights of TensorFlow or Flax; load them with `from_tf` or `from_flax` and save them again"
    }
  }
}
