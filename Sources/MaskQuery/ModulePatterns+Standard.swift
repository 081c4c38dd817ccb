extension ModulePatterns {
  /// The names of Llama, Qwen, Mistral, Gemma, Phi, Mixtral, DeepSeek, GPT-2, GPT-NeoX and OPT as
  /// Hugging Face has them.
  ///
  /// Norms come first, for `q_norm` is a norm; routers of mixtures of experts are `other`.
  public static let standard = ModulePatterns(
    names("*norm*", "ln_*", "*_ln", are: .norm)
      + names("embed_tokens", "embed_positions", "wte", "wpe", "embed_in", are: .embedding)
      + names("*_embedding", "*_embeddings", "embeddings", are: .embedding)
      + names("lm_head", "embed_out", are: .lmHead)
      + names("c_attn", "qkv_proj", "query_key_value", "wqkv", are: .qkv)
      + names("q_proj", "wq", "query", "q_a_proj", "q_b_proj", are: .q)
      + names("k_proj", "wk", "key", are: .k)
      + names("v_proj", "wv", "value", are: .v)
      + names("o_proj", "out_proj", "wo", are: .o)
      + names("attn.c_proj", "attention.dense", "self_attention.dense", are: .o)
      + names("gate_up_proj", are: .gateUp)
      + names("gate_proj", "w1", are: .gate)
      + names("up_proj", "w3", "c_fc", "fc1", "dense_h_to_4h", are: .up)
      + names("down_proj", "w2", "mlp.c_proj", "fc2", "dense_4h_to_h", are: .down)
  )

  private static func names(_ names: String..., are kind: ModuleKind) -> [Pattern] {
    names.map { Pattern($0, kind) }
  }
}
