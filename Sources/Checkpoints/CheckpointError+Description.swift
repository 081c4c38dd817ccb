internal import ByteFormats

extension CheckpointError: CustomStringConvertible {
  /// One sentence: the file, the reason and the way out.
  public var description: String {
    switch reason {
    case .safetensors(let error): "\(error)"
    case .file(let error): "\(error)"
    default: "'\(path)': \(reason)"
    }
  }
}

extension CheckpointError.Reason: CustomStringConvertible {
  /// The reason and the way out, as a clause.
  public var description: String {
    switch self {
    case .safetensors(let error): "\(error.reason)"
    case .file(let error): "\(error.reason)"
    case .foreign(let format): "\(format)"
    case .notJSON(let error): "not valid JSON (\(error)); copy or download it again"
    case .flawedField(let flaw): flaw
    case .notAnObject: "JSON, but no object {...}; correct or remove it"
    case .changed:
      "it was written to while it was read; wait until it is written whole, and run again"
    case .notFound, .revisionNotFound, .revisionAmbiguous, .noWeights, .noIndex: absence
    case .namesCollide, .scalesDoNotFit: inconsistency
    default: indexProblem
    }
  }

  private var absence: String {
    switch self {
    case .notFound(let cache?):
      """
      neither a file or folder nor a model in the cache '\(cache)'; \
      check the spelling, or run `hf download` first
      """
    case .revisionNotFound(let revision, let cached) where cached.isEmpty:
      "the cache has the model but no revision '\(revision)'; run `hf download` first"
    case .revisionNotFound(let revision, let cached):
      """
      the cache has no revision '\(revision)'; choose one of those it has \
      (\(cached.joined(separator: ", "))) or run `hf download --revision` first
      """
    case .revisionAmbiguous(let revision, let matches):
      "several commits begin with '\(revision)'; choose one: \(matches.joined(separator: ", "))"
    case .noWeights(let candidates) where !candidates.isEmpty:
      "no weights here, but in folders below; choose one: \(candidates.joined(separator: ", "))"
    case .noWeights: "no safetensors file here; name the folder that holds the weights"
    case .noIndex(let files):
      """
      \(files.count == 1 ? "a part of a sharded checkpoint" : "several safetensors files") without \
      model.safetensors.index.json; copy the index too, or name one file: \
      \(files.prefix(5).joined(separator: ", "))
      """
    default: "no such file or folder; check the spelling and the current folder"
    }
  }

  private var inconsistency: String {
    switch self {
    case .namesCollide(let name, let stored):
      """
      \(stored.map { "'\($0)'" }.joined(separator: " and ")) both become '\(name)' once wrappers' \
      prefixes are taken off; save the unwrapped model
      """
    case .scalesDoNotFit(let tensor, let scales):
      """
      the scales '\(scales)' do not fit the fp8 tensor '\(tensor)'; \
      convert the checkpoint to bf16 first
      """
    default: ""
    }
  }

  private var indexProblem: String {
    switch self {
    case .noWeightMap: "the index has no object 'weight_map'; save or download the checkpoint again"
    case .shardNotText(let tensor): "the index gives '\(tensor)' no file name; \(Self.again)"
    case .shardOutside(let tensor, let shard):
      """
      the index gives '\(tensor)' the file '\(shard)', which is not a plain name in the same \
      folder; do not trust this checkpoint
      """
    case .missingShard(let shard, let tensors):
      """
      the file '\(shard)' (\(tensors, of: "tensor")) is missing; \
      finish the download or copy it too
      """
    case .tensorNotInShard(let tensor, let shard):
      "the index says that '\(shard)' holds '\(tensor)', but it does not; \(Self.again)"
    case .tensorNotInIndex(let tensor, let shard):
      "'\(shard)' holds '\(tensor)', but the index does not say so; \(Self.again)"
    case .tensorTwice(let tensor, let shards):
      "\(shards.map { "'\($0)'" }.joined(separator: " and ")) both hold '\(tensor)'; \(Self.again)"
    default: ""
    }
  }

  private static let again =
    "index and files are of different checkpoints, so save or copy it again"
}
