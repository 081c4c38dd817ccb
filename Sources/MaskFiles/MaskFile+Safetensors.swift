internal import ByteFormats
internal import Checkpoints
internal import MaskModel
internal import SystemPackage

extension MaskFile {
  private typealias Array1 = (entry: SafetensorsFile.Entry, file: SafetensorsFile)

  /// The masks in safetensors, whatever form they have there.
  static func safetensors(
    _ path: FilePath,
    _ files: [SafetensorsFile],
    _ layout: ModelLayout
  ) throws -> Self {
    let arrays = files.flatMap { file in file.entries.map { (entry: $0, file: file) } }
    let metadata = joinedMetadata(files)
    let kind = try kind(of: arrays, metadata, path)
    let shapes = try shapes(in: metadata, path)
    var tensors: [String: Tensor] = [:]
    for name in shapes.keys { tensors[name] = Tensor(shape: shapes[name], bits: NoBits()) }
    for array in arrays {
      guard let (name, tensor) = try tensor(array, kind, shapes, layout, path) else { continue }
      guard tensors[name] == nil || shapes[name] != nil else {
        throw MaskImportError(path, "it has two arrays for \(name)")
      }
      tensors[name] = tensor
    }
    return try MaskFile(path: path, kind: kind, metadata: metadata, tensors: tensors)
  }

  /// Shards say the same but for the shapes, each its own.
  private static func joinedMetadata(_ files: [SafetensorsFile]) -> [String: String] {
    var metadata = files.first?.metadata ?? [:]
    guard files.count > 1, metadata["shapes"] != nil else { return metadata }
    var shapes = JSONObject()
    for file in files {
      let text = file.metadata["shapes"] ?? ""
      for (name, shape) in (try? JSONValue(parsing: Array(text.utf8)))?.object ?? [:] {
        shapes[name] = shape
      }
    }
    metadata["shapes"] = JSONValue.object(shapes).serialized()
    return metadata
  }

  private static func kind(
    of arrays: [Array1],
    _ metadata: [String: String],
    _ path: FilePath
  ) throws -> Kind {
    if let stated = metadata["mask_format"].flatMap(Kind.init(rawValue:)) { return stated }
    let names = arrays.map(\.entry.name)
    if names.contains(where: isShiraIndices) { return .shira }
    let indices = names.filter { $0.hasSuffix(".indices") }
    if !indices.isEmpty {
      return names.contains { $0.hasSuffix(".values") } ? .delta : .indices
    }
    if arrays.allSatisfy({ [.bool, .u8, .i8].contains($0.entry.type) }), !arrays.isEmpty {
      return .safetensors
    }
    let other = arrays.first { ![.bool, .u8, .i8].contains($0.entry.type) }?.entry
    throw MaskImportError(
      path,
      other.map { "\($0.name) is \($0.type.rawValue), and a mask is BOOL; it holds no mask" }
        ?? "it holds no tensor"
    )
  }

  private static func isShiraIndices(_ name: String) -> Bool {
    name.hasSuffix(".shira_indices") || name.contains(".shira_indices.")
  }

  private static func shapes(
    in metadata: [String: String],
    _ path: FilePath
  ) throws -> [String: [Int]] {
    guard let text = metadata["shapes"] else { return [:] }
    var shapes: [String: [Int]] = [:]
    for (name, value) in (try? JSONValue(parsing: Array(text.utf8)))?.object ?? [:] {
      let dimensions = (value.array ?? []).map(\.int)
      guard value.array != nil, !dimensions.contains(nil) else {
        throw MaskImportError(path, "its metadata 'shapes' is damaged at \(name)")
      }
      shapes[name] = dimensions.compactMap(\.self)
    }
    return shapes
  }

  /// The tensor that an array speaks of; nil where it only belongs to another one.
  private static func tensor(
    _ array: Array1,
    _ kind: Kind,
    _ shapes: [String: [Int]],
    _ layout: ModelLayout,
    _ path: FilePath
  ) throws -> (String, Tensor)? {
    let entry = array.entry
    let offset = array.file.dataOffset + entry.range.lowerBound
    switch kind {
    case .packed:
      guard let shape = shapes[entry.name], entry.type == .u8,
        TensorShape(shape).map({ ($0.count + 7) / 8 }) == entry.shape.count
      else {
        throw MaskImportError(path, "\(entry.name) has not as many packed bits as its shape says")
      }
      let bits = PackedBits(file: array.file.file, start: offset * 8)
      return (entry.name, Tensor(shape: shape, bits: bits))
    case .indices, .delta:
      guard entry.name.hasSuffix(".indices") else { return nil }
      let name = String(entry.name.dropLast(".indices".count))
      let list = try integers(array, path)
      return (name, Tensor(shape: shapes[name], bits: ListedBits(list, .positions, of: name)))
    case .shira:
      guard isShiraIndices(entry.name) else { return nil }
      return try shira(array, layout, path)
    default:
      guard [.bool, .u8, .i8].contains(entry.type) else {
        throw MaskImportError(path, "\(entry.name) is \(entry.type.rawValue), and a mask is BOOL")
      }
      let bits = ByteBits(file: array.file.file, offset: offset, name: entry.name)
      return (entry.name, Tensor(shape: entry.shape.dimensions, bits: bits))
    }
  }

  private static func integers(_ array: Array1, _ path: FilePath) throws -> StoredIntegers {
    let entry = array.entry
    guard [.i32, .i64, .u32, .u64, .u16, .i16].contains(entry.type) else {
      throw MaskImportError(
        path,
        "\(entry.name) is \(entry.type.rawValue), and positions are integers"
      )
    }
    return StoredIntegers(
      file: array.file.file,
      offset: array.file.dataOffset + entry.range.lowerBound,
      count: entry.shape.count,
      width: entry.type.bitWidth / 8,
      isSigned: [.i16, .i32, .i64].contains(entry.type)
    )
  }

  /// `base_model.model.<module>.shira_indices[.<adapter>]` of 2 x nnz, for the weight of the module.
  private static func shira(
    _ array: Array1,
    _ layout: ModelLayout,
    _ path: FilePath
  ) throws -> (String, Tensor) {
    let name = array.entry.name
    let module = name.firstRange(of: ".shira_indices").map { name[..<$0.lowerBound] } ?? ""
    let target = CanonicalName(String(module)).text + ".weight"
    guard array.entry.shape.dimensions.count == 2, array.entry.shape.dimensions[0] == 2 else {
      throw MaskImportError(path, "\(name) is not of the shape [2, nnz] that SHiRA has")
    }
    guard let tensor = layout.tensors.first(where: { $0.name == target }) else {
      throw MaskImportError(path, "the base has no tensor \(target), which \(name) speaks of")
    }
    let bits = ListedBits(
      try integers(array, path),
      .rowsAndColumns,
      of: target,
      shape: tensor.shape
    )
    return (target, Tensor(shape: tensor.shape.dimensions, bits: bits))
  }
}
