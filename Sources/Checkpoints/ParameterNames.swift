internal import ByteFormats

/// The names that a model built by `transformers` gives its parameters, from those in its checkpoint.
///
/// They differ where the checkpoint was saved from the body of the model, without its head: the
/// loaded model then has the body under a prefix, such as `transformer.` of GPT-2. Which one follows
/// from `model_type` and `architectures` in config.json.
public struct ParameterNames: Sendable {
  /// What stands before the names of the body in the model; nil where nothing does.
  public let prefix: String?

  /// The names of the model that `checkpoint` is loaded as.
  public init(of checkpoint: Checkpoint) {
    let architecture = checkpoint.config?["architectures"]?[0]?.string ?? ""
    let type = checkpoint.config?["model_type"]?.string ?? ""
    let prefix = (Self.prefixes[type] ?? "model") + "."
    let isBody = !checkpoint.tensors.contains { $0.name.hasPrefix(prefix) }
    let hasHead = ["For", "LMHead", "DoubleHeads"].contains { architecture.contains($0) }
    self.prefix = isBody && hasHead ? prefix : nil
  }

  /// The name of the parameter for the checkpoint's tensor `name`.
  public func parameter(_ name: String) -> String {
    guard let prefix, !Self.isHead(name) else { return name }
    return prefix + name
  }

  /// `base_model_prefix` by `model_type`, where it is not `model`.
  private static let prefixes = [
    "gpt2": "transformer", "gptj": "transformer", "gpt_bigcode": "transformer",
    "gpt_neo": "transformer", "bloom": "transformer", "falcon": "transformer",
    "codegen": "transformer", "mpt": "transformer", "gpt_neox": "gpt_neox", "bert": "bert",
    "roberta": "roberta", "xlm-roberta": "roberta", "distilbert": "distilbert",
  ]

  private static func isHead(_ name: String) -> Bool {
    ["lm_head.", "embed_out.", "score.", "classifier.", "cls.", "qa_outputs."].contains {
      name.hasPrefix($0)
    }
  }
}
