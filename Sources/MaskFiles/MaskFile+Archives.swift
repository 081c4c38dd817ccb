internal import ByteFormats
internal import MaskModel
internal import SystemPackage

extension MaskFile {
  /// The masks in a zip archive of `torch.save` or `numpy.savez`.
  static func archive(_ path: FilePath) throws -> Self {
    let zip: ZipArchive
    do throws(ZipArchive.Failure) {
      zip = try ZipArchive(at: path)
      for member in zip.members { try zip.check(member) }
    } catch {
      throw MaskImportError(path, error.description)
    }
    if zip.members.contains(where: { $0.name.hasSuffix("/data.pkl") }) {
      return try torch(path, TorchArchive(zip))
    }
    return try numpy(path, zip)
  }

  static func metadata(in zip: ZipArchive) -> [String: String] {
    let member = zip.members.first {
      $0.name == MaskMetadata.member || $0.name.hasSuffix("/" + MaskMetadata.member)
    }
    guard let member, let bytes = try? zip.bytes(of: member) else { return [:] }
    return (try? JSONValue(parsing: bytes)).map(texts) ?? [:]
  }

  private static func numpy(_ path: FilePath, _ zip: ZipArchive) throws -> Self {
    var tensors: [String: Tensor] = [:]
    for member in zip.members where member.name.hasSuffix(".npy") {
      let name = String(member.name.dropLast(4))
      let header = try NumpyHeader(of: zip.file, at: member.range.lowerBound, name: name)
      guard header.isType("b1") || header.isType("u1") else {
        throw MaskImportError(path, "\(name) is of type \(header.type), and a mask is bool")
      }
      guard member.range.upperBound - header.offset == header.shape.count else {
        throw MaskImportError(path, "\(name) has not as many bytes as its shape says")
      }
      tensors[name] = Tensor(
        shape: header.shape.dimensions,
        bits: ByteBits(file: zip.file, offset: header.offset, name: name)
      )
    }
    guard !tensors.isEmpty || zip[MaskMetadata.member] != nil else {
      throw MaskImportError(path, "the archive holds neither a pickle nor numpy arrays")
    }
    return try MaskFile(path: path, kind: .npz, metadata: metadata(in: zip), tensors: tensors)
  }

  private static func torch(_ path: FilePath, _ archive: TorchArchive) throws -> Self {
    if let steps = try archive.sparseSteps() {
      var tensors: [String: Tensor] = [:]
      for (name, shape, list) in steps {
        let bits = ListedBits(list, .columnMajorSteps, of: name, shape: shape)
        guard tensors[name] == nil else {
          throw MaskImportError(path, "it has two tensors '\(name)'")
        }
        tensors[name] = Tensor(shape: shape.dimensions, bits: bits)
      }
      return try MaskFile(path: path, kind: .sft, metadata: [:], tensors: tensors)
    }
    var metadata = metadata(in: archive.zip)
    var tensors: [String: Tensor] = [:]
    for (name, tensor) in try archive.tensors() {
      guard tensor.width == 1, tensor.isMaskType else {
        throw MaskImportError(path, "\(name) is \(tensor.type), and a mask is bool")
      }
      guard tensor.isContiguous else {
        throw MaskImportError(
          path,
          "\(name) is not contiguous; save it again after `.contiguous()`"
        )
      }
      tensors[name] = Tensor(
        shape: tensor.shape.dimensions,
        bits: ByteBits(file: archive.zip.file, offset: tensor.offset, name: name)
      )
    }
    for (key, value) in archive.statedMetadata where metadata[key] == nil { metadata[key] = value }
    return try MaskFile(path: path, kind: .pt, metadata: metadata, tensors: tensors)
  }
}
