internal import ByteFormats

extension CheckpointNotice: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .prefixStripped(let prefix, let count, let example):
      "took '\(prefix)' off \(count, of: "tensor name"), such as '\(example)'"
    case .tiedHeadDropped(let head, let embedding, let isStated):
      isStated
        ? "left out '\(head)', which config.json ties to '\(embedding)'"
        : "left out '\(head)', which is '\(embedding)' again, byte by byte"
    case .headNotTied(let head, let embedding):
      "took '\(head)' for a tensor of its own: config.json ties it to '\(embedding)', but their bytes "
        + "differ, and transformers 5 loads both; earlier versions ignore the head"
    case .nonFloatTensors(let type, let names):
      "did not compare \(Self.list(names)) of \(type.rawValue)"
    case .auxiliaryTensors(let names):
      "used \(Self.list(names)) only to read others"
    case .packedScales(let names):
      "did not compare \(Self.list(names)), scales of weights that are stored as integers"
    case .unscaledTensors(let names):
      "read \(Self.list(names)) of fp8 without scales as stored"
    case .otherWeightsIgnored(let files):
      "did not read \(Self.list(files, "file")) in the same folder"
    case .partOfCheckpoint(let file):
      "'\(file)' is one part of a checkpoint; open its folder or index for the whole"
    case .fieldIgnored(let file, let field, let problem):
      "ignored " + (field.map { "'\($0)' of " } ?? "") + "'\(file)': \(problem)"
    }
  }

  /// The number of names and the first of them.
  private static func list(_ names: [String], _ noun: String = "tensor") -> String {
    let shown = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
    return "\(names.count, of: noun) (\(shown)\(names.count > 3 ? ", ..." : ""))"
  }
}
