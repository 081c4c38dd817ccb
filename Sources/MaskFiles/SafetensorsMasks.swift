internal import ByteFormats
internal import Checkpoints
internal import MaskModel
internal import SystemPackage

/// The masks in safetensors files, whatever form they have there.
struct SafetensorsMasks {
  /// An array and the file it is in.
  struct Member {
    let entry: SafetensorsFile.Entry
    let file: SafetensorsFile

    /// Where its first byte is in the file.
    var offset: Int { file.dataOffset + entry.range.lowerBound }
  }

  let path: FilePath
  let layout: ModelLayout
  let arrays: [Member]
  let metadata: [String: String]
  /// The shapes that the metadata state.
  let shapes: [String: TensorShape]?

  /// The masks in `files`, the shards of what is at `path`, over the model `layout`.
  init(_ path: FilePath, _ files: [SafetensorsFile], _ layout: ModelLayout) throws {
    self.path = path
    self.layout = layout
    arrays = files.flatMap { file in file.entries.map { Member(entry: $0, file: file) } }
    metadata = try MaskMetadata.joined(
      files.map { ($0.file.path.lastComponent?.string ?? "", $0.metadata) },
      of: path
    )
    shapes = try MaskMetadata.shapes(in: files.map(\.metadata), of: path)
  }

  /// What kind of masks they are: what they say, else what their arrays are called.
  func kind() throws(MaskImportError) -> MaskFile.Kind {
    let stated = metadata["mask_format"].flatMap(MaskFormat.init(rawValue:))
    if let stated, stated.isSafetensors, let kind = MaskFile.Kind(rawValue: stated.rawValue) {
      return kind
    }
    let names = arrays.map(\.entry.name)
    if names.contains(where: Self.isShiraIndices) { return .shira }
    if names.contains(where: { $0.hasSuffix(".indices") }) {
      return names.contains { $0.hasSuffix(".values") } ? .delta : .indices
    }
    let other = arrays.first { !Self.isMask($0.entry.type) }?.entry
    guard other != nil || arrays.isEmpty else { return .safetensors }
    throw fault(
      other.map { "\($0.name) is \($0.type.rawValue), and a mask is BOOL; it holds no mask" }
        ?? "it holds no tensor"
    )
  }

  /// The tensors of masks of `kind`; every array is of one, and every shape has its array.
  func tensors(_ kind: MaskFile.Kind) throws -> [String: MaskFile.Tensor] {
    switch kind {
    case .packed: try whole(packed)
    case .indices, .delta: try listed(isDelta: kind == .delta)
    case .shira: try shira()
    default: try whole(bools)
    }
  }

  func fault(_ reason: String) -> MaskImportError { MaskImportError(path, reason) }

  /// One array a tensor, which `bits` reads.
  private func whole(
    _ bits: (Member) throws -> MaskFile.Tensor
  ) throws -> [String: MaskFile.Tensor] {
    var tensors: [String: MaskFile.Tensor] = [:]
    for array in arrays { tensors[array.entry.name] = try bits(array) }
    try checkShapes(have: tensors)
    return tensors
  }

  /// Throws where the metadata state the shape of a tensor that is not there.
  func checkShapes(have tensors: [String: MaskFile.Tensor]) throws(MaskImportError) {
    let absent = (shapes ?? [:]).keys.filter { tensors[$0] == nil }.sorted()
    guard let first = absent.first else { return }
    throw fault(
      "it has no array for \(first), whose shape its metadata state; it was cut or changed, so export "
        + "it again"
    )
  }

  private func bools(_ array: Member) throws -> MaskFile.Tensor {
    let entry = array.entry
    guard Self.isMask(entry.type) else {
      throw fault("\(entry.name) is \(entry.type.rawValue), and a mask is BOOL")
    }
    if let stated = shapes?[entry.name], stated != entry.shape {
      throw fault("\(entry.name) is \(entry.shape), and its metadata state the shape \(stated)")
    }
    return MaskFile.Tensor(
      shape: entry.shape.dimensions,
      bits: ByteBits(file: array.file.file, offset: array.offset, name: entry.name)
    )
  }

  private func packed(_ array: Member) throws -> MaskFile.Tensor {
    let entry = array.entry
    guard let shape = shapes?[entry.name], entry.type == .u8,
      shape.count / 8 + (shape.count % 8).signum() == entry.shape.count
    else { throw fault("\(entry.name) has not as many packed bits as its shape says") }
    return MaskFile.Tensor(
      shape: shape.dimensions,
      bits: PackedTensorBits(file: array.file.file, start: array.offset * 8)
    )
  }

  private static func isMask(_ type: StoredType) -> Bool { [.bool, .u8, .i8].contains(type) }
}
