internal import ByteFormats
internal import MaskModel
internal import SystemPackage

extension RunMetadata {
  /// Reads the front matter of README.md as TRL and the hub write it.
  mutating func readModelCard(_ place: RunPlace) {
    guard let (path, source) = place.file("README.md") else { return }
    guard let bytes = try? JSONFile.contents(of: path) else {
      return ignore(nil, of: source, because: "it cannot be read")
    }
    guard let matter = FrontMatter(String(decoding: bytes, as: UTF8.self)) else { return }
    // TRL writes the text None where the base is a local folder.
    add("base", matter["base_model"].filter { $0 != "None" }, source)
    add("dataset", matter["datasets"], source)
    if let name = matter["model_name"].first { add(name: name, in: place, source) }
    readAlgorithm(matter["tags"], source)
  }

  private mutating func add(_ key: String, _ values: [String], _ source: String) {
    guard !values.isEmpty else { return }
    add(RunField(key: key, value: values.joined(separator: ", "), source: source))
  }

  /// The one tag that names an algorithm, as in `tags: [trl, dpo]`.
  private mutating func readAlgorithm(_ tags: [String], _ source: String) {
    let found = Set(tags.map { $0.lowercased() }).intersection(Self.algorithms).sorted()
    if found.count > 1 {
      ignore("tags", of: source, because: "several algorithms (\(found.joined(separator: ", ")))")
    } else {
      add("algorithm", found, source)
    }
  }
}
