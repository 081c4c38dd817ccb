import TestSupport
import ByteFormats
import Checkpoints
import MaskModel
import SystemPackage
import Testing

@Suite struct RunMetadataTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What is known of a checkpoint in the folder `name`, below the test's own.
  func metadata(of name: String) throws -> RunMetadata {
    try folder.write(name + "/model.safetensors", SafetensorsBuilder.file(names: ["w"]))
    let checkpoint = try Checkpoint(at: folder.path.pushing(FilePath(name)).string)
    return try RunMetadata(beside: checkpoint.location)
  }

  static let card = """
    ---
    base_model: Qwen/Qwen2-0.5B  # the start
    datasets:
    - trl-lib/tldr
    - "org/more"
    model_name: card-name
    tags: [trl, 'dpo', generated_from_trainer]
    model-index:
      - name: nested
        results: []
    ---
    # Not front matter
    base_model: other
    """

  @Test func `each source is preferred to the next`() throws {
    try folder.write("r/checkpoint-7/run.json", #"{"seed": 42, "algorithm": "grpo", "beta": 0.1}"#)
    try folder.write("r/checkpoint-7/trainer_state.json", #"{"global_step": 8, "loss": NaN}"#)
    try folder.write("r/checkpoint-7/README.md", Self.card)
    try folder.write("r/checkpoint-7/config.json", #"{"_name_or_path": "from-config"}"#)
    let fields = try metadata(of: "r/checkpoint-7").fields
    let expected = [
      ("name", "card-name", "README.md"), ("algorithm", "grpo", "run.json"),
      ("dataset", "trl-lib/tldr, org/more", "README.md"), ("seed", "42", "run.json"),
      ("step", "8", "trainer_state.json"), ("base", "Qwen/Qwen2-0.5B", "README.md"),
      ("beta", "0.1", "run.json"),
    ]
    #expect(fields == expected.map { RunField(key: $0.0, value: $0.1, source: $0.2) })
  }

  @Test func `names of folders come last`() throws {
    let metadata = try metadata(of: "runs/grpo-1/checkpoint-100")
    #expect(
      metadata.fields == [
        RunField(key: "name", value: "grpo-1-step100", source: "folder name"),
        RunField(key: "step", value: "100", source: "folder name"),
      ]
    )
    let plain = try self.metadata(of: "runs/dpo")
    #expect(plain.fields == [RunField(key: "name", value: "dpo", source: "folder name")])
  }

  @Test func `looks above folders that belong to a run`() throws {
    let run = #"{"name": "ppo", "seed": 1, "step": 999}"#
    try folder.write("r/run.json", run)
    let metadata = try metadata(of: "r/global_step_50/actor/huggingface")
    #expect(metadata["name"]?.value == "ppo-step50")
    #expect(metadata["name"]?.source == "../../../run.json")
    #expect(metadata["seed"]?.value == "1")
    #expect(metadata["step"] == RunField(key: "step", value: "50", source: "folder name"))
  }

  @Test func `does not look above other folders`() throws {
    try folder.write("run.json", #"{"seed": 1}"#)
    #expect(try metadata(of: "plain")["seed"] == nil)
  }

  @Test func `a named file names the run`() throws {
    let file = try folder.write("dpo-3.safetensors", SafetensorsBuilder.file(names: ["w"]))
    let metadata = try RunMetadata(beside: Checkpoint(at: file.string).location)
    #expect(metadata["name"] == RunField(key: "name", value: "dpo-3", source: "file name"))
  }

  @Test func `values become text`() throws {
    let text =
      #"{"a": true, "b": 1e-6, "c": ["x", 2], "d": null, "e": "", "seed": 9007199254740993}"#
    try folder.write("r/run.json", text)
    let metadata = try metadata(of: "r")
    let values = metadata.fields.map { $0.key + "=" + $0.value }
    #expect(
      values == ["name=r", "seed=9007199254740993", "a=true", "b=1e-06", "c=x, 2", "e="]
    )
  }

  @Test(arguments: ["[]", "{", "", "7", "null"])
  func `a run.json that is no JSON object is an error that names it`(text: String) throws {
    try folder.write("r/run.json", text)
    do {
      _ = try metadata(of: "r")
      Issue.record("accepted")
    } catch let error as CheckpointError {
      #expect(error.kind == .malformed)
      #expect(error.path.lastComponent == "run.json")
    }
  }

  @Test func `wrong types elsewhere are notices`() throws {
    try folder.write("r/run.json", #"{"seed": {"a": 1}, "dataset": []}"#)
    try folder.write("r/trainer_state.json", #"{"global_step": "many"}"#)
    try folder.write("r/config.json", #"{"_name_or_path": 3}"#)
    try folder.write("r/README.md", "---\ntags: [dpo, grpo]\nbase_model: None\n---\n")
    let metadata = try metadata(of: "r")
    #expect(metadata.fields.map(\.key) == ["name"])
    let files = metadata.notices.compactMap { notice -> String? in
      if case .fieldIgnored(let file, let field, _) = notice {
        "\(file) \(field ?? "-")"
      } else {
        nil
      }
    }
    #expect(
      files == [
        "run.json seed", "run.json dataset", "trainer_state.json global_step", "README.md tags",
        "config.json _name_or_path",
      ]
    )
  }

  @Test(arguments: ["{", "[1]", "\u{0}", "null"])
  func `damaged files never stop the reading`(text: String) throws {
    for name in ["trainer_state.json", "config.json", "README.md"] {
      try folder.write("r/" + name, text)
    }
    #expect(try metadata(of: "r").fields.map(\.key) == ["name"])
  }

  @Test(arguments: [
    "", "---", "---\n", "---\nkey", "---\n- x\n---", "---\n: x\n---", "---\nk:\n---",
  ])
  func `odd front matter says nothing`(text: String) throws {
    try folder.write("r/README.md", text)
    #expect(try metadata(of: "r").fields.map(\.key) == ["name"])
  }
}
