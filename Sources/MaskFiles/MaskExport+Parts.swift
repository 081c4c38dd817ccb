internal import ByteFormats
internal import Checkpoints
internal import MaskModel

/// The tensors that go into one file.
struct ExportPart {
  let mask: any MaskReader
  let file: String
}

extension MaskExport {
  /// The writer of a file of the tensors of `mask`.
  func writer(of mask: any MaskReader) throws -> any MaskFileWriter {
    let members = MaskMetadata.members(of: provenance, format, mask.layout)
    switch format {
    case .safetensors, .packed, .indices, .delta:
      return SafetensorsMaskWriter(mask: mask, payloads: try payloads(of: mask), metadata: members)
    case .pt: return TorchMaskWriter(mask: mask, metadata: MaskMetadata.text(members))
    case .npz: return NumpyMaskWriter(mask: mask, metadata: MaskMetadata.text(members))
    case .roaring: return RoaringFileWriter(mask, tensor: 0)
    }
  }

  /// The arrays of a safetensors file, the widest elements first, so that all are aligned.
  func payloads(of mask: any MaskReader) throws -> [MaskPayload] {
    let payloads = try mask.layout.tensors.indices.flatMap { tensor -> [MaskPayload] in
      switch format {
      case .packed: [.packed(tensor, of: mask.layout)]
      case .indices: [.indices(tensor, of: mask)]
      case .delta: try delta(tensor, of: mask)
      case .safetensors, .pt, .npz, .roaring: [.bools(tensor, of: mask.layout)]
      }
    }
    return [8, 4, 2, 1].flatMap { width in payloads.filter { $0.width == width } }
  }

  /// Positions and values; nothing where no position is set.
  ///
  /// Values that mean something by their scales alone are refused: a weight changes with its scale,
  /// too, and of that a delta says nothing.
  private func delta(_ tensor: Int, of mask: any MaskReader) throws -> [MaskPayload] {
    guard mask.count(tensor: tensor) > 0, let values else { return [] }
    let name = values.storedName(mask.layout.tensors[tensor].name)
    let shape = mask.layout.tensors[tensor].shape
    guard let stored = values.checkpoint[name], stored.type.float != nil,
      stored.shape.dimensions.dropFirst() == shape.dimensions.dropFirst()
    else {
      let reference = values.checkpoint.location.reference
      throw MaskFileError.noValues(tensor: name, checkpoint: reference)
    }
    if try values.checkpoint.scale(for: stored) != nil {
      throw MaskFileError.scaledValues(tensor: name)
    }
    return [
      .indices(tensor, of: mask),
      .values(tensor, of: mask, from: stored, values.checkpoint),
    ]
  }

  /// The files of a folder: one a tensor for roaring, else as many as the size asks for.
  func parts() throws -> [ExportPart] {
    guard format != .roaring else { return roaringParts() }
    let groups = try shards()
    func number(_ value: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
    return groups.enumerated().map { index, tensors in
      let file = "model-\(number(index + 1))-of-\(number(groups.count)).safetensors"
      return ExportPart(mask: mask.slice(tensors), file: file)
    }
  }

  private func roaringParts() -> [ExportPart] {
    var names = SafeFileNames(suffix: ".roaring")
    return mask.layout.tensors.enumerated().map { index, tensor in
      ExportPart(mask: mask.slice(index..<index + 1), file: names.next(for: tensor.name))
    }
  }

  /// The tensors of each file; a tensor larger than the size has a file of its own.
  private func shards() throws -> [Range<Int>] {
    var sizes = Array(repeating: 0, count: mask.layout.tensors.count)
    for payload in try payloads(of: mask) { sizes[payload.tensor] += payload.byteCount }
    var shards: [Range<Int>] = []
    var room = -1
    for (tensor, size) in sizes.enumerated() {
      if let last = shards.last, size <= room {
        shards[shards.count - 1] = last.lowerBound..<tensor + 1
      } else {
        shards.append(tensor..<tensor + 1)
        room = shardSize ?? .max
      }
      room -= size
    }
    return shards.isEmpty ? [0..<0] : shards
  }

  /// `model.safetensors.index.json`: the file of every array.
  func index(of files: [ExportManifest.File]) throws -> String {
    var map = JSONObject()
    var total = 0
    for file in files {
      for payload in try payloads(of: file.part.mask) {
        map[payload.name] = .string(file.part.file)
        total += payload.byteCount
      }
    }
    let index: JSONValue = [
      "metadata": ["total_size": .integer(total)], "weight_map": .object(map),
    ]
    return index.serialized(.pretty) + "\n"
  }
}
