internal import ByteFormats
internal import MaskModel
internal import SystemPackage

extension MaskMetadata {
  /// The tensors that the file at `path` says it does not, or not wholly, cover, each once.
  ///
  /// Whether what it covers is whole rows is known where its shapes are: `ImportPlan` asks.
  ///
  /// - Throws: where it says that otherwise than an export does.
  static func skipped(
    in metadata: [String: String],
    of path: FilePath
  ) throws(MaskImportError) -> [PartTensor] {
    guard let text = metadata["skipped"] else { return [] }
    guard let parts = (try? JSONValue(parsing: Array(text.utf8)))?.array else {
      throw damaged("skipped", path)
    }
    return try parts.map { part throws(MaskImportError) in
      guard let name = part["name"]?.string, let reason = part["reason"]?.string,
        let compared = part["compared"]?.int, compared >= 0
      else { throw damaged("skipped", path) }
      return PartTensor(name: name, compared: compared, reason: reason)
    }
  }

  /// The shapes that the files of one mask state, each of its own tensors; nil where none does.
  ///
  /// - Throws: where one is no shape, or two files state different ones.
  static func shapes(
    in files: [[String: String]],
    of path: FilePath
  ) throws(MaskImportError) -> [String: TensorShape]? {
    let texts = files.compactMap { $0["shapes"] }
    var shapes: [String: TensorShape] = [:]
    for text in texts {
      guard let stated = (try? JSONValue(parsing: Array(text.utf8)))?.object else {
        throw damaged("shapes", path)
      }
      for (name, value) in stated {
        guard let dimensions = value.array?.map(\.int), !dimensions.contains(nil),
          let shape = TensorShape(dimensions.compactMap(\.self)),
          shapes.updateValue(shape, forKey: name) == nil
        else {
          throw MaskImportError(path, "its metadata 'shapes' is damaged at \(name)")
        }
      }
    }
    return texts.isEmpty ? nil : shapes
  }

  /// What shards say of the one mask that they are of, but for their shapes.
  private static let shared = [
    "polarity", "mask_format", "bit_order", mark, "mask", "definition", "compare_dtype", "base",
    "name_prefix", "skipped", "algorithm", "dataset", "seed", "step",
  ]

  /// What the shards of the mask at `path` say of it, each the same.
  ///
  /// - Throws: where two say different things of what a mask is.
  static func joined(
    _ files: [(name: String, metadata: [String: String])],
    of path: FilePath
  ) throws(MaskImportError) -> [String: String] {
    guard let first = files.first else { return [:] }
    for file in files.dropFirst() {
      let statesShapes = [first, file].map { $0.metadata["shapes"] != nil }
      let unlike =
        shared.first { file.metadata[$0] != first.metadata[$0] }
        ?? (statesShapes[0] == statesShapes[1] ? nil : "shapes")
      guard let unlike else { continue }
      throw MaskImportError(
        path,
        "its shards \(first.name) and \(file.name) differ in their metadata '\(unlike)', so they are not "
          + "of one mask; export it again"
      )
    }
    return first.metadata
  }

  private static func damaged(_ key: String, _ path: FilePath) -> MaskImportError {
    MaskImportError(path, "its metadata '\(key)' is damaged; export the mask again")
  }
}
