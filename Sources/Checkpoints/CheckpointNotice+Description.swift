extension CheckpointNotice: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .prefixStripped(let prefix, let count, let example):
      "took '\(prefix)' off \(Self.count(count, "tensor name")), such as '\(example)'"
    case .tiedHeadDropped(let head, let embedding, let isIdentical):
      "left out '\(head)', which config.json ties to '\(embedding)'"
        + (isIdentical ? "" : "; their bytes differ, and transformers ignores the head")
    case .nonFloatTensors(let type, let names):
      "\(Self.list(names)) hold \(type.rawValue) and are not compared"
    case .auxiliaryTensors(let names):
      "\(Self.list(names)) only serve to read other tensors"
    case .unscaledTensors(let names):
      "\(Self.list(names)) are fp8 without scales and are read as stored"
    case .otherWeightsIgnored(let files):
      "did not read \(Self.list(files, "file")) in the same folder"
    case .partOfCheckpoint(let file):
      "'\(file)' is one part of a checkpoint; open its folder or index for the whole"
    case .fieldIgnored(let file, let field, let problem):
      "ignored " + (field.map { "'\($0)' of " } ?? "") + "'\(file)': \(problem)"
    }
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// The number of names and the first of them.
  private static func list(_ names: [String], _ noun: String = "tensor") -> String {
    let shown = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
    return "\(count(names.count, noun)) (\(shown)\(names.count > 3 ? ", ..." : ""))"
  }
}
