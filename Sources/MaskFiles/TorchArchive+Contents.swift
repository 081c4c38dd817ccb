internal import ByteFormats
internal import MaskModel

extension TorchArchive {
  /// What files put a dictionary of tensors under.
  private static let wrappers = ["masks", "mask", "state_dict", "model", "module", "state"]

  /// The tensors by name: of the dictionary that was saved, or of the one it is wrapped in.
  func tensors() throws -> [String: Tensor] {
    var value = pickle.root
    for _ in 0..<4 {
      let members = try members(of: value)
      let wrapped = Self.wrappers.lazy.compactMap { key in
        members.first { $0.key == key && pickle.members(of: $0.value) != nil }?.value
      }.first
      guard let wrapped else { break }
      value = wrapped
    }
    var tensors: [String: Tensor] = [:]
    for (name, value) in try members(of: value) {
      guard let tensor = try tensor(value) else {
        throw damaged(
          "'\(name)' is no tensor, and a mask is a dictionary from names to bool tensors"
        )
      }
      guard tensors.updateValue(tensor, forKey: name) == nil else {
        throw damaged("it has two tensors '\(name)'")
      }
    }
    return tensors
  }

  /// The texts that stand beside the masks, under `metadata`.
  var statedMetadata: [String: String] {
    guard let members = try? members(of: pickle.root),
      let metadata = members.first(where: { $0.key == "metadata" })?.value,
      let stated = try? self.members(of: metadata)
    else { return [:] }
    return stated.reduce(into: [:]) { $0[$1.key] = $1.value.text }
  }

  /// The steps of composable-sft: `{"body": {name: {"size", "index_steps", "values"}}}`; nil for any
  /// other file.
  func sparseSteps() throws -> [(name: String, shape: TensorShape, list: StoredIntegers)]? {
    guard let root = try? members(of: pickle.root),
      let body = root.first(where: { $0.key == "body" })?.value
    else { return nil }
    return try members(of: body).map { name, encoding in
      let parts = Dictionary(try members(of: encoding)) { _, last in last }
      guard let shape = parts["size"].flatMap(shape),
        let steps = try parts["index_steps"].flatMap({ try tensor($0) }),
        ["int8", "int16", "int32", "int64", "uint8"].contains(steps.type), steps.isContiguous
      else { throw damaged("'\(name)' has not the size and index_steps of a sparse difference") }
      let list = StoredIntegers(
        file: zip.file,
        offset: steps.offset,
        count: steps.count,
        width: steps.width,
        isSigned: steps.type != "uint8"
      )
      return (name, shape, list)
    }
  }

  /// The members of a dictionary whose keys are texts.
  private func members(of value: PickleValue) throws -> [(key: String, value: PickleValue)] {
    guard let members = pickle.members(of: value) else {
      throw damaged("what was saved is no dictionary of tensors")
    }
    return try members.map { key, value in
      guard let key = key.text else { throw damaged("a name in its dictionary is no text") }
      return (key, value)
    }
  }
}
