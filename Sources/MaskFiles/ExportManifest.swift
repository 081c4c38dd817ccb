internal import ByteFormats
internal import MaskModel
internal import SystemPackage

/// What an export says of itself: beside the file, or in the folder.
struct ExportManifest {
  /// The name of the schema and its version.
  static let schema = "maskdb.export/1"
  /// The name of the file in a folder.
  static let fileName = "manifest.json"
  /// The name of the index of several shards.
  static let indexName = "model.safetensors.index.json"

  /// One file with the tensors in it.
  struct File {
    let part: ExportPart
    let byteCount: Int

    init(_ part: ExportPart, byteCount: Int) {
      self.part = part
      self.byteCount = byteCount
    }
  }

  private let export: MaskExport
  private let files: [File]

  init(_ export: MaskExport, _ files: [File]) {
    self.export = export
    self.files = files
  }

  /// Where the manifest of a single file is.
  static func path(beside path: FilePath) -> FilePath {
    let name = (path.lastComponent?.string ?? "mask") + ".manifest.json"
    return path.removingLastComponent().appending(name)
  }

  /// The JSON text.
  var text: String {
    let provenance = export.provenance
    let object: JSONValue = [
      "schema": .string(Self.schema),
      "format": .string(export.format.rawValue),
      "mask": .string(provenance.maskID),
      "definition": .string(provenance.definition),
      "compare_dtype": JSONValue(provenance.compareType?.rawValue),
      "base": JSONValue(provenance.base),
      "polarity": .string(provenance.polarity.rawValue),
      "maskdb_version": .string(provenance.toolVersion),
      "metadata": .object(metadata),
      "skipped": provenance.skippedValue,
      "files": .array(
        files.map { ["file": .string($0.part.file), "bytes": .integer($0.byteCount)] }
      ),
      "tensors": .array(files.flatMap(tensors)),
    ]
    return object.serialized(.pretty) + "\n"
  }

  private var metadata: JSONObject {
    var object = JSONObject()
    for (key, value) in export.provenance.extra { object[key] = .string(value) }
    return object
  }

  private func tensors(of file: File) -> [JSONValue] {
    let mask = file.part.mask
    return mask.layout.tensors.enumerated().map { index, tensor in
      var entry: JSONObject = [
        "name": .string(tensor.name),
        "shape": .array(tensor.shape.dimensions.map(JSONValue.integer)),
        "file": .string(file.part.file),
        "positions": .integer(tensor.shape.count),
        "count": .integer(mask.count(tensor: index)),
      ]
      if export.format == .roaring {
        entry["bits"] = .integer(RoaringWidth(positions: tensor.shape.count).rawValue)
      }
      return .object(entry)
    }
  }
}

extension ExportManifest {
  /// The manifest at `path`; nil where there is none of this schema, of any version.
  static func read(_ path: FilePath) throws -> JSONValue? {
    guard Folder.kind(of: path) == .file,
      let bytes = try ReadableFile.contents(of: path, limit: 1 << 30),
      let manifest = try? JSONValue(parsing: bytes),
      manifest["schema"]?.string?.hasPrefix("maskdb.export/") == true
    else { return nil }
    return manifest
  }

  /// The manifest that speaks of the mask at `path`: in the folder, beside the file, or in the folder
  /// of the shards; nil where there is none.
  static func of(_ path: FilePath) throws -> JSONValue? {
    if Folder.kind(of: path) == .folder { return try read(path.appending(fileName)) }
    if let own = try read(self.path(beside: path)) { return own }
    let name = path.lastComponent?.string ?? ""
    let shared = try read(path.removingLastComponent().appending(fileName))
    return shared.flatMap { names(in: $0).contains(name) ? $0 : nil }
  }

  /// The set positions that the manifest at hand states of the tensors in the file or folder `path`.
  ///
  /// - Throws: `MaskImportError` where a count is no number of positions.
  static func counts(of path: FilePath) throws -> [String: Int] {
    guard let manifest = try of(path) else { return [:] }
    let name = path.lastComponent?.string ?? ""
    let isPart = names(in: manifest).subtracting([fileName, indexName]).contains(name)
    var counts: [String: Int] = [:]
    for tensor in manifest["tensors"]?.array ?? [] where !isPart || tensor["file"]?.string == name {
      guard let name = tensor["name"]?.string, let stated = tensor["count"] else { continue }
      guard let count = stated.int, count >= 0 else {
        throw MaskImportError(path, "its manifest has no count of \(name); export the mask again")
      }
      counts[name] = count
    }
    return counts
  }

  /// The names that an export with `manifest` has in its folder.
  static func names(in manifest: JSONValue) -> Set<String> {
    let files = (manifest["files"]?.array ?? []).compactMap { $0["file"]?.string }
    return Set(files + [fileName, indexName])
  }
}
