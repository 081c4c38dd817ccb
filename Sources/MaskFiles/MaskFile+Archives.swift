internal import ByteFormats
internal import MaskModel
internal import SystemPackage

extension MaskFile {
  /// The masks in a zip archive of `torch.save` or `numpy.savez`.
  static func archive(_ path: FilePath) throws -> Self {
    do {
      let zip = try ZipArchive(at: path)
      // What is deflated is checked as it is read, once it is known to have a tensor's shape.
      for member in zip.members where !member.isCompressed { try zip.check(member) }
      if zip.members.contains(where: { $0.name.hasSuffix("/data.pkl") }) {
        guard let packed = zip.members.first(where: \.isCompressed) else {
          return try torch(path, TorchArchive(zip))
        }
        throw ZipArchive.Failure.compressed(member: packed.name)
      }
      return try numpy(path, zip)
    } catch let failure as ZipArchive.Failure {
      throw MaskImportError(path, failure.description)
    }
  }

  /// What is said beside the masks, no more than 64 MiB.
  static func metadata(in zip: ZipArchive) throws -> [String: String] {
    let member = zip.members.first {
      $0.name == MaskMetadata.member || $0.name.hasSuffix("/" + MaskMetadata.member)
    }
    guard let member else { return [:] }
    guard member.size <= 1 << 26, let said = try? JSONValue(parsing: zip.bytes(of: member)) else {
      throw MaskImportError(zip.file.path, "its \(member.name) is damaged; export the mask again")
    }
    return texts(said)
  }

  private static func numpy(_ path: FilePath, _ zip: ZipArchive) throws -> Self {
    var tensors: [String: Tensor] = [:]
    for member in zip.members where member.name.hasSuffix(".npy") {
      let name = String(member.name.dropLast(4))
      tensors[name] = try array(name, member, zip)
    }
    guard !tensors.isEmpty || zip[MaskMetadata.member] != nil else {
      throw MaskImportError(path, "the archive holds neither a pickle nor numpy arrays")
    }
    return try MaskFile(path: path, kind: .npz, metadata: metadata(in: zip), tensors: tensors)
  }

  private static func array(
    _ name: String,
    _ member: ZipArchive.Member,
    _ zip: ZipArchive
  ) throws -> Tensor {
    let path = zip.file.path
    var reader = zip.reader(of: member)
    let header = try NumpyHeader(of: path, name: name) { count in
      guard count <= reader.rest else {
        throw MaskImportError(path, "\(name) is no numpy array that can be read")
      }
      return try reader.read(count)
    }
    guard header.isType("b1") || header.isType("u1") else {
      throw MaskImportError(path, "\(name) is of type \(header.type), and a mask is bool")
    }
    guard reader.rest == header.shape.count else {
      throw MaskImportError(path, "\(name) has not as many bytes as its shape says")
    }
    let bits: any TensorBits =
      member.isCompressed
      ? DeflatedBits(member, of: zip, from: header.byteCount, name: name)
      : ByteBits(
        file: zip.file,
        offset: member.range.lowerBound + header.byteCount,
        name: name
      )
    return Tensor(shape: header.shape.dimensions, bits: bits)
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
    var metadata = try metadata(in: archive.zip)
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
