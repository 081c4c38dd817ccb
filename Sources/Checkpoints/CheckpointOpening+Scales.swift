internal import MaskModel

extension CheckpointOpening {
  /// Marks the tensors that hold the scales of fp8 tensors, so that they are not compared.
  mutating func findScales() {
    let fp8 = tensors.filter { $0.type.float.map { !$0.isComparable } ?? false }.map(\.name)
    guard !fp8.isEmpty else { return }
    let names = Set(tensors.map(\.name))
    let auxiliary = Set(fp8.flatMap(StoredTensor.auxiliaryNames)).intersection(names)
    for place in tensors.indices where auxiliary.contains(tensors[place].name) {
      tensors[place].isAuxiliary = true
    }
    let unscaled = fp8.filter { name in
      StoredTensor.scaleNames(of: name).allSatisfy { !names.contains($0) }
    }
    let marked = tensors.filter(\.isAuxiliary).map(\.name)
    if !marked.isEmpty { notices.append(.auxiliaryTensors(names: marked)) }
    if !unscaled.isEmpty { notices.append(.unscaledTensors(names: unscaled)) }
  }
}

extension StoredTensor {
  /// The names under which the scales of the fp8 tensor `name` may be stored: DeepSeek's, then
  /// those of compressed-tensors.
  static func scaleNames(of name: String) -> [String] { [name + "_scale_inv", name + "_scale"] }

  /// The names of all tensors that only serve the fp8 tensor `name`.
  fileprivate static func auxiliaryNames(of name: String) -> [String] {
    let module = name.hasSuffix(".weight") ? name.dropLast("weight".count) : name + "_"
    return scaleNames(of: name) + [module + "input_scale"]
  }
}
