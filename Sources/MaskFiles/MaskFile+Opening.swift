internal import ByteFormats
internal import Checkpoints
public import MaskModel
public import SystemPackage

extension MaskFile {
  /// Opens what is at `path`.
  ///
  /// - Parameters:
  ///   - path: a file, the index of several, or a folder that an export wrote.
  ///   - kind: what its content must be; nil for any kind.
  ///   - layout: the model's tensors, which some kinds do not name.
  /// - Throws: `MaskImportError`, `MaskFileError` or `CheckpointError`.
  public init(at path: FilePath, kind: Kind? = nil, layout: ModelLayout) throws {
    var opened: Self
    do {
      opened = try Self.open(path, layout)
      opened.statedCounts = try ExportManifest.counts(of: path)
    } catch let error as FileError {
      throw MaskImportError(error)
    }
    for name in opened.tensors.keys + opened.skipped.map(\.name) where !name.isNormalized {
      throw MaskImportError(
        path,
        "its tensor name '\(name)' is not in Unicode normal form C, as names in Python are; rename it"
      )
    }
    if let kind, kind != opened.kind {
      throw MaskImportError(path, "it is a \(opened.kind.rawValue) file, not \(kind.rawValue)")
    }
    self = opened
  }

  private static func open(_ path: FilePath, _ layout: ModelLayout) throws -> Self {
    guard Folder.kind(of: path) == .folder else { return try open(file: path, layout) }
    if let manifest = try ExportManifest.read(path.appending(ExportManifest.fileName)),
      manifest["format"]?.string == MaskFormat.roaring.rawValue
    {
      return try roaring(path, manifest)
    }
    let index = path.appending(ExportManifest.indexName)
    guard Folder.kind(of: index) == .file else {
      throw MaskImportError(
        path,
        "the folder has neither manifest.json nor \(ExportManifest.indexName)"
      )
    }
    return try open(file: index, layout)
  }

  private static func open(file path: FilePath, _ layout: ModelLayout) throws -> Self {
    if path.string.hasSuffix(".json") {
      return try safetensors(path, ShardIndex(at: path).open(), layout)
    }
    let file = try ReadableFile(at: path)
    let start = try file.bytes(0..<min(14, file.size))
    switch start.prefix(4) {
    case [0x50, 0x4B, 3, 4], [0x50, 0x4B, 5, 6]: return try archive(path)
    case [0x93, 0x4E, 0x55, 0x4D]: return try tall(path, layout)
    default: break
    }
    if start == legacyMagic {
      throw MaskImportError(
        path,
        "it has the format of PyTorch before 1.6; write it again with "
          + "`torch.save(torch.load(FILE, weights_only=True), FILE)`"
      )
    }
    return try safetensors(path, [SafetensorsFile(at: path)], layout)
  }

  /// Protocol 2 and the magic number that old `torch.save` began with.
  private static let legacyMagic: [UInt8] = [
    0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]

  private static func roaring(_ path: FilePath, _ manifest: JSONValue) throws -> Self {
    var tensors: [String: Tensor] = [:]
    for entry in manifest["tensors"]?.array ?? [] {
      guard let name = entry["name"]?.string, let file = entry["file"]?.string,
        let dimensions = entry["shape"]?.array?.map(\.int), !dimensions.contains(nil),
        let shape = TensorShape(dimensions.compactMap(\.self)),
        let width = entry["bits"]?.int.flatMap(RoaringWidth.init(rawValue:)),
        file.utf8.allSatisfy({ $0 != 0 && $0 != UInt8(ascii: "/") }), file != "..",
        tensors[name] == nil
      else { throw MaskImportError(path, "manifest.json is damaged; export the mask again") }
      let bits = try RoaringBits(path.appending(file), positions: shape.count, width: width)
      tensors[name] = Tensor(shape: shape.dimensions, bits: bits)
    }
    var metadata = texts(manifest).merging(texts(manifest["metadata"] ?? .null)) { own, _ in own }
    metadata["skipped"] = manifest["skipped"]?.serialized()
    return try MaskFile(path: path, kind: .roaring, metadata: metadata, tensors: tensors)
  }

  /// The masks in `files`, the shards of what is at `path`.
  private static func safetensors(
    _ path: FilePath,
    _ files: [SafetensorsFile],
    _ layout: ModelLayout
  ) throws -> Self {
    let masks = try SafetensorsMasks(path, files, layout)
    let kind = try masks.kind()
    return try MaskFile(
      path: path,
      kind: kind,
      metadata: masks.metadata,
      tensors: try masks.tensors(kind)
    )
  }

  static func texts(_ value: JSONValue) -> [String: String] {
    var texts: [String: String] = [:]
    for (key, value) in value.object ?? [:] { texts[key] = value.string }
    return texts
  }

  /// One vector of packed bits, of all tensors of `layout` in the order of Python's `sorted`.
  private static func tall(_ path: FilePath, _ layout: ModelLayout) throws -> Self {
    let file = try ReadableFile(at: path)
    var place = 0
    let array = try NumpyHeader(of: path) { count in
      guard count <= file.size - place else {
        throw MaskImportError(path, "it is no numpy array that can be read")
      }
      defer { place += count }
      return try file.bytes(place..<place + count)
    }
    let needed = (layout.count + 7) / 8
    guard array.isType("u1"), array.shape.count == needed else {
      throw MaskImportError(
        path,
        "it has \(array.shape.count, of: "value") of type \(array.type) where packed bits of the base's "
          + "\(layout.count, of: "weight") take \(needed, of: "byte"); name the base that it was made of"
      )
    }
    var tensors: [String: Tensor] = [:]
    var start = array.byteCount * 8
    let byName = layout.tensors.sorted {
      $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars)
    }
    for tensor in byName {
      tensors[tensor.name] = Tensor(
        shape: tensor.shape.dimensions,
        bits: PackedTensorBits(file: file, start: start)
      )
      start += tensor.shape.count
    }
    return try MaskFile(path: path, kind: .tall, metadata: [:], tensors: tensors)
  }
}
