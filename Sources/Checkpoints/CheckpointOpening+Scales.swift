internal import MaskModel

extension CheckpointOpening {
  /// Marks the tensors that only serve others, so that they are not compared: the scales of fp8 tensors,
  /// which their values are made with, and those of packed weights, which are not compared either.
  mutating func findScales() {
    findFP8Scales()
    findPackedScales()
  }

  /// Marks the scales of weights that are stored as integers, as compressed-tensors, ModelOpt, GPTQ, AWQ
  /// and bitsandbytes write them.
  private mutating func findPackedScales() {
    let packed = tensors.filter { $0.type.float == nil }.map(\.name)
    let auxiliary = Set(packed.flatMap(StoredTensor.packedAuxiliaryNames))
    var marked: [String] = []
    for place in tensors.indices
    where auxiliary.contains(tensors[place].name) && tensors[place].isFloatParameter {
      tensors[place].isAuxiliary = true
      marked.append(tensors[place].name)
    }
    if !marked.isEmpty { notices.append(.packedScales(names: marked)) }
  }

  private mutating func findFP8Scales() {
    let fp8 = tensors.filter { $0.type.float.map { !$0.isComparable } ?? false }.map(\.name)
    guard !fp8.isEmpty else { return }
    if StatedBlockSize(config).isMalformed {
      let (field, problem) = ("weight_block_size", "no two numbers above 0")
      notices.append(.fieldIgnored(file: "config.json", field: field, problem: problem))
    }
    let names = Set(tensors.map(\.name))
    let auxiliary = Set(fp8.flatMap(StoredTensor.auxiliaryNames)).intersection(names)
    let scales = Set(
      fp8.compactMap { StoredTensor.scaleNames(of: $0).first(where: names.contains) }
    )
    for place in tensors.indices where auxiliary.contains(tensors[place].name) {
      tensors[place].isAuxiliary = true
      tensors[place].isScale = scales.contains(tensors[place].name)
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

  /// The names of all float tensors that only serve the tensor of integers `name`.
  fileprivate static func packedAuxiliaryNames(of name: String) -> [String] {
    let weights = [".weight", ".weight_packed", ".qweight"]
    guard let suffix = weights.first(where: name.hasSuffix) else { return [] }
    let module = name.dropLast(suffix.count) + "."
    return [
      "weight_scale", "weight_scale_2", "weight_global_scale", "weight_zero_point", "input_scale",
      "input_global_scale", "scales", "weight.absmax", "weight.quant_map", "weight.nested_absmax",
      "weight.nested_quant_map",
    ].map { module + $0 }
  }

  /// The names of all tensors that only serve the fp8 tensor `name`.
  fileprivate static func auxiliaryNames(of name: String) -> [String] {
    let module = name.hasSuffix(".weight") ? name.dropLast("weight".count) : name + "_"
    return scaleNames(of: name) + [module + "input_scale"]
  }
}
