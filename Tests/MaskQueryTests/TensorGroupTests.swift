import MaskModel
import MaskQuery
import Testing

@Suite struct TensorGroupTests {
  @Test(arguments: [
    ("model.embed_tokens.weight", "embedding"),
    ("model.layers.3.self_attn.q_proj.weight", "q"),
    ("model.layers.3.self_attn.k_proj.bias", "k"),
    ("model.layers.3.self_attn.v_proj.weight", "v"),
    ("model.layers.3.self_attn.o_proj.weight", "o"),
    ("model.layers.3.self_attn.q_norm.weight", "norm"),
    ("model.layers.3.mlp.gate_proj.weight", "gate"),
    ("model.layers.3.mlp.up_proj.weight", "up"),
    ("model.layers.3.mlp.down_proj.weight", "down"),
    ("model.layers.3.mlp.gate_up_proj.weight", "gate_up"),
    ("model.layers.3.mlp.experts.17.down_proj.weight", "down"),
    ("model.layers.3.mlp.gate.weight", "other"),
    ("model.layers.3.block_sparse_moe.experts.1.w3.weight", "up"),
    ("model.layers.3.input_layernorm.weight", "norm"),
    ("model.layers.3.post_attention_layernorm.weight", "norm"),
    ("model.norm.weight", "norm"),
    ("lm_head.weight", "lm_head"),
    ("transformer.wte.weight", "embedding"),
    ("transformer.wpe.weight", "embedding"),
    ("h.0.ln_1.bias", "norm"),
    ("transformer.h.0.attn.c_attn.weight", "qkv"),
    ("transformer.h.0.attn.c_proj.weight", "o"),
    ("transformer.h.0.mlp.c_fc.weight", "up"),
    ("transformer.h.0.mlp.c_proj.weight", "down"),
    ("transformer.ln_f.weight", "norm"),
    ("model.decoder.embed_positions.weight", "embedding"),
    ("model.decoder.layers.1.self_attn.out_proj.weight", "o"),
    ("model.decoder.layers.1.self_attn_layer_norm.weight", "norm"),
    ("model.decoder.layers.1.fc1.weight", "up"),
    ("model.decoder.layers.1.fc2.bias", "down"),
    ("model.decoder.final_layer_norm.weight", "norm"),
    ("gpt_neox.layers.2.attention.query_key_value.weight", "qkv"),
    ("gpt_neox.layers.2.attention.dense.weight", "o"),
    ("gpt_neox.layers.2.mlp.dense_h_to_4h.weight", "up"),
    ("embed_out.weight", "lm_head"),
    ("score.weight", "other"),
  ])
  func `modules by name`(name: String, module: String) {
    #expect(ModulePatterns.standard.kind(of: name).rawValue == module)
  }

  @Test func `users' patterns come first`() {
    let router = ModuleKind(rawValue: "router")
    let patterns = ModulePatterns.standard.preceded(by: [.init("mlp.gate", router)])
    #expect(patterns.kind(of: "model.layers.3.mlp.gate.weight") == router)
    #expect(patterns.kind(of: "model.layers.3.mlp.gate_proj.weight") == .gate)
    #expect(ModuleKind.lmHead < router && router < .other && ModuleKind.q < .down)
  }

  @Test func `layers by name`() throws {
    let layer = try #require(LayerIndex(tensor: "model.layers.12.mlp.experts.3.w1.weight"))
    #expect(layer.stack == "model.layers" && layer.number == 12)
    #expect(LayerIndex(tensor: "transformer.h.7.ln_1.bias")?.number == 7)
    #expect(LayerIndex(tensor: "visual.blocks.2.attn.qkv.weight")?.stack == "visual.blocks")
    for name in ["lm_head.weight", "model.layers.norm.weight", "layers", "h.x.1", ""] {
      #expect(LayerIndex(tensor: name) == nil)
    }
  }

  private func layout(_ names: [String]) -> [TensorLayout] {
    ModelLayout(names.map { TensorLayout(name: $0, shape: shape([2, 3])) }).tensors
  }

  @Test func `groups of a layout`() {
    let tensors = layout([
      "lm_head.weight", "model.embed_tokens.weight", "model.layers.2.mlp.up_proj.weight",
      "model.layers.10.mlp.up_proj.weight", "model.layers.10.self_attn.q_proj.weight",
      "model.norm.weight",
    ])
    func labels(_ grouping: TensorGrouping) -> [String] {
      grouping.groups(of: tensors).map { "\($0.label): \($0.tensors)" }
    }
    #expect(
      labels(.layer) == ["2: [2]", "10: [3, 4]", "embedding: [1]", "norm: [5]", "lm_head: [0]"]
    )
    #expect(
      labels(.module) == ["embedding: [1]", "q: [4]", "up: [2, 3]", "norm: [5]", "lm_head: [0]"]
    )
    #expect(
      labels(.layerModule) == [
        "2 up: [2]", "10 q: [4]", "10 up: [3]", "embedding: [1]", "norm: [5]", "lm_head: [0]",
      ]
    )
    #expect(labels(.tensor).first == "lm_head.weight: [0]" && labels(.tensor).count == 6)
  }

  @Test func `two towers are two stacks of layers`() {
    let tensors = layout(["model.layers.0.mlp.up_proj.weight", "visual.blocks.0.mlp.fc1.weight"])
    let groups = TensorGrouping.layer.groups(of: tensors)
    #expect(groups.map(\.label) == ["model.layers.0", "visual.blocks.0"])
  }

  @Test func `sparsity by group leaves out what was not compared`() {
    var model = Model([[2, 3], [4], [5, 1]], densities: (2, 2))
    model.tensors[1].compared = 0
    model.tensors[2].compared = 3
    let counts = model.pair.a
    let groups = TensorGrouping.tensor.groups(of: counts.map(\.tensor))
    let table = SparsityTable(counts, groups: groups)
    #expect(table.rows.map(\.sparsity.density) == [1, nil, 1])
    #expect(table.rows.map(\.sparsity.sparsity) == [0, nil, 0])
    #expect(table.total == Sparsity(positions: 15, compared: 9, changed: 9))
  }
}
