internal import Checkpoints
internal import MaskModel

/// How the tensors of a mask file meet those of a model.
struct ImportPlan {
  struct Tensor {
    let bits: any TensorBits
    let compared: Int
    let reason: String?
  }

  /// One for every tensor of the layout.
  let tensors: [Tensor]

  init(
    _ file: MaskFile,
    _ layout: ModelLayout,
    _ uncovered: [String: String],
    _ allowsMissing: Bool
  ) throws {
    let prefix = file.metadata["name_prefix"] ?? ""
    var given: [String: MaskFile.Tensor] = [:]
    for (stored, tensor) in file.tensors {
      let name = Self.name(stored, prefix: prefix)
      guard given.updateValue(tensor, forKey: name) == nil else {
        throw MaskImportError(
          file.path,
          "it has \(name) twice, under names with and without prefixes"
        )
      }
    }
    try Self.refuseStrangers(given, layout, file)
    var missing: [String] = []
    let parts = Dictionary(file.skipped.map { (Self.name($0.name, prefix: prefix), $0) }) { $1 }
    tensors = layout.tensors.map { tensor in
      let part = parts[tensor.name]
      let whole = tensor.shape.count
      if let found = given[tensor.name] {
        return Tensor(
          bits: found.bits,
          compared: min(part?.compared ?? whole, whole),
          reason: part?.reason
        )
      }
      if let reason = part?.reason ?? uncovered[tensor.name] {
        return Tensor(bits: NoBits(), compared: 0, reason: reason)
      }
      if file.isSparse { return Tensor(bits: NoBits(), compared: whole, reason: nil) }
      if !allowsMissing { missing.append(tensor.name) }
      return Tensor(bits: NoBits(), compared: 0, reason: "the mask file has no such tensor")
    }
    guard missing.isEmpty else {
      throw MaskImportError(
        file.path,
        "it lacks \(missing.count) tensors of the base: \(Self.list(missing)); name the base that it "
          + "was made for, or leave them uncovered with --allow-missing"
      )
    }
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
        "\(unlike.count) of its tensors have other shapes than the base's: \(list(unlike))"
      )
    }
  }

  /// The first three, and how many more.
  private static func list(_ items: [String]) -> String {
    let more = items.count > 3 ? " and \(items.count - 3) more" : ""
    return items.prefix(3).joined(separator: ", ") + more
  }
}
