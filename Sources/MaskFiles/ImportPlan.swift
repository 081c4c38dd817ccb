internal import ByteFormats
internal import Checkpoints
internal import MaskModel

/// How the tensors of a mask file meet those of a model.
struct ImportPlan {
  struct Tensor {
    let bits: any TensorBits
    let compared: Int
    let reason: String?
    /// The set positions that the file's manifest states; nil where it does not, or where the mask
    /// covers nothing of what the file has.
    let stated: Int?
  }

  /// One for every tensor of the layout.
  let tensors: [Tensor]
  /// Which prefixes were taken off names of the file.
  let notices: [CheckpointNotice]

  init(
    _ file: MaskFile,
    _ layout: ModelLayout,
    _ uncovered: [String: String],
    _ allowsMissing: Bool
  ) throws {
    let prefix = file.metadata["name_prefix"] ?? ""
    let given = try Self.tensors(of: file, prefix)
    try Self.refuseStrangers(given, layout, file)
    let counts = Dictionary(
      file.statedCounts.map { (Self.name($0.key, prefix: prefix), $0.value) }
    ) { $1 }
    notices = Self.notices(of: file, prefix)
    let parts = try Self.parts(of: file, prefix)
    var missing: [String] = []
    tensors = try layout.tensors.map { tensor in
      let name = tensor.name
      let (stated, part) = (counts[name], parts[name])
      if let part { try Self.check(part, of: tensor, file) }
      if let found = given[name] { return Tensor(found.bits, of: tensor.shape, part, stated) }
      if file.isSparse, uncovered[name] == nil {
        return Tensor(NoBits(), of: tensor.shape, part, stated)
      }
      if let part, part.compared > 0 { throw Self.missing([name], of: file) }
      if let reason = part?.reason ?? uncovered[name] { return Tensor(lacking: reason, stated) }
      if !allowsMissing { missing.append(name) }
      return Tensor(lacking: "the mask file has no such tensor", stated)
    }
    guard missing.isEmpty else { throw Self.missing(missing, of: file) }
  }

  /// What the file says of tensors that it does not wholly cover, by their names in the model.
  private static func parts(
    of file: MaskFile,
    _ prefix: String
  ) throws(MaskImportError) -> [String: PartTensor] {
    var parts: [String: PartTensor] = [:]
    for part in file.skipped {
      guard parts.updateValue(part, forKey: name(part.name, prefix: prefix)) == nil else {
        throw MaskImportError(file.path, "its metadata 'skipped' has \(part.name) twice")
      }
    }
    return parts
  }

  /// Throws where no mask covers what `part` says of `tensor`.
  private static func check(
    _ part: PartTensor,
    of tensor: TensorLayout,
    _ file: MaskFile
  ) throws(MaskImportError) {
    guard !tensor.shape.mayCompare(part.compared) else { return }
    throw MaskImportError(
      file.path,
      "its metadata 'skipped' says that it covers \(part.compared, of: "position") of \(tensor.name) "
        + "\(tensor.shape), and a mask covers whole rows, at most all; export the mask again"
    )
  }

  /// The tensors by their names in the model.
  private static func tensors(
    of file: MaskFile,
    _ prefix: String
  ) throws(MaskImportError) -> [String: MaskFile.Tensor] {
    var given: [String: MaskFile.Tensor] = [:]
    for (stored, tensor) in file.tensors {
      let name = name(stored, prefix: prefix)
      guard given.updateValue(tensor, forKey: name) == nil else {
        throw MaskImportError(
          file.path,
          "it has \(name) twice, under names with and without prefixes"
        )
      }
    }
    return given
  }

  private static func notices(of file: MaskFile, _ prefix: String) -> [CheckpointNotice] {
    var stripped = StrippedPrefixes()
    for stored in file.tensors.keys.sorted() {
      let name = CanonicalName(stored)
      let isShorter = !prefix.isEmpty && name.text.hasPrefix(prefix)
      stripped.note(name.removed + (isShorter ? [prefix] : []), of: stored)
    }
    return stripped.notices
  }

  private static func missing(_ names: [String], of file: MaskFile) -> MaskImportError {
    MaskImportError(
      file.path,
      "it lacks \(names.count, of: "tensor") of the base: \(list(names)); name the base that it was made "
        + "for, or leave them uncovered with --allow-missing"
    )
  }

  /// The name without the prefixes of wrappers and of the loaded model.
  private static func name(_ stored: String, prefix: String) -> String {
    let name = CanonicalName(stored).text
    return !prefix.isEmpty && name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
  }

  /// Throws where the file has a tensor that the layout lacks, or one of another shape.
  private static func refuseStrangers(
    _ given: [String: MaskFile.Tensor],
    _ layout: ModelLayout,
    _ file: MaskFile
  ) throws {
    let shapes = Dictionary(uniqueKeysWithValues: layout.tensors.map { ($0.name, $0.shape) })
    let strangers = given.keys.filter { shapes[$0] == nil }.sorted()
    guard strangers.isEmpty else {
      throw MaskImportError(
        file.path,
        "the base has not \(strangers.count) of its tensors: \(list(strangers)); name the base that it "
          + "was made for"
      )
    }
    let unlike = given.keys.sorted().compactMap { name -> String? in
      guard let shape = given[name]?.shape, let base = shapes[name], base.dimensions != shape else {
        return nil
      }
      return "\(name) \(shape) for \(base)"
    }
    guard unlike.isEmpty else {
      throw MaskImportError(
        file.path,
        "it has other shapes than the base for \(unlike.count, of: "tensor"): \(list(unlike))"
      )
    }
  }

  /// The first three, and how many more.
  private static func list(_ items: [String]) -> String {
    let more = items.count > 3 ? " and \(items.count - 3) more" : ""
    return items.prefix(3).joined(separator: ", ") + more
  }
}

extension ImportPlan.Tensor {
  /// A tensor that the file covers wholly, or as `part` says.
  fileprivate init(
    _ bits: any TensorBits,
    of shape: TensorShape,
    _ part: PartTensor?,
    _ stated: Int?
  ) {
    let compared = part?.compared ?? shape.count
    self.init(
      bits: bits,
      compared: compared,
      reason: part?.reason,
      stated: compared > 0 ? stated : nil
    )
  }

  /// A tensor that the file has not, and does not cover.
  fileprivate init(lacking reason: String, _ stated: Int?) {
    self.init(bits: NoBits(), compared: 0, reason: reason, stated: stated)
  }
}
