internal import ByteFormats
internal import Checkpoints
internal import MaskModel

extension SafetensorsMasks {
  /// Lists of positions, with a value for each in a delta.
  ///
  /// A delta has no arrays for a tensor that did not change; where shapes are stated, any other list
  /// has its array.
  func listed(isDelta: Bool) throws -> [String: MaskFile.Tensor] {
    var lists: [String: Member] = [:]
    var values: [String: Int] = [:]
    for array in arrays {
      let name = array.entry.name
      if let tensor = name.dropping(suffix: ".indices") {
        lists[tensor] = array
      } else if isDelta, let tensor = name.dropping(suffix: ".values") {
        values[tensor] = array.entry.shape.count
      } else {
        throw fault(
          "\(name) is no list of positions, and the other arrays are; make the file again"
        )
      }
    }
    if isDelta { try checkPairs(lists.mapValues(\.entry.shape.count), values) }
    var tensors = try lists.reduce(into: [:]) { $0[$1.key] = try list($1.value, of: $1.key) }
    if isDelta {
      for (name, shape) in shapes ?? [:] where tensors[name] == nil {
        tensors[name] = MaskFile.Tensor(shape: shape.dimensions, bits: NoBits())
      }
    }
    try checkShapes(have: tensors)
    return tensors
  }

  /// Throws unless every tensor has as many values as positions.
  private func checkPairs(
    _ lists: [String: Int],
    _ values: [String: Int]
  ) throws(MaskImportError) {
    for name in Set(lists.keys).union(values.keys).sorted() where lists[name] != values[name] {
      let reason =
        switch (lists[name], values[name]) {
        case (nil, _): "it has \(name).values and no \(name).indices"
        case (_, nil): "it has \(name).indices and no \(name).values"
        case (let positions?, let values?):
          "it has \(positions, of: "position") and \(values, of: "value") of \(name)"
        }
      throw fault("\(reason); a delta has a value for each position, so make it again")
    }
  }

  private func list(_ array: Member, of name: String) throws -> MaskFile.Tensor {
    if let shapes, shapes[name] == nil {
      throw fault("its metadata state shapes, and none of \(name); make the file again")
    }
    return MaskFile.Tensor(
      shape: shapes?[name]?.dimensions,
      bits: ListedBits(try integers(array), .positions, of: name)
    )
  }

  private func integers(_ array: Member) throws(MaskImportError) -> StoredIntegers {
    let entry = array.entry
    guard [.i32, .i64, .u32, .u64, .u16, .i16].contains(entry.type) else {
      throw fault("\(entry.name) is \(entry.type.rawValue), and positions are integers")
    }
    return StoredIntegers(
      file: array.file.file,
      offset: array.offset,
      count: entry.shape.count,
      width: entry.type.bitWidth / 8,
      isSigned: [.i16, .i32, .i64].contains(entry.type)
    )
  }
}

extension SafetensorsMasks {
  static func isShiraIndices(_ name: String) -> Bool { shiraModule(of: name, "indices") != nil }

  /// `<module>.shira_<part>` or, with the adapter's name, `<module>.shira_<part>.<adapter>`: the module.
  private static func shiraModule(of name: String, _ part: String) -> String? {
    guard name.hasSuffix(".shira_\(part)") || name.contains(".shira_\(part).") else { return nil }
    return name.firstRange(of: ".shira_\(part)").map { String(name[..<$0.lowerBound]) }
  }

  /// The rows and columns of `base_model.model.<module>`, 2 x nnz, for the weight of the module.
  func shira() throws -> [String: MaskFile.Tensor] {
    var tensors: [String: MaskFile.Tensor] = [:]
    for array in arrays {
      let name = array.entry.name
      if Self.shiraModule(of: name, "weight") != nil { continue }
      guard let module = Self.shiraModule(of: name, "indices") else {
        throw fault(
          "\(name) is no part of SHiRA, and where it changed is not said; save the adapter without it"
        )
      }
      let target = CanonicalName(module).text + ".weight"
      guard tensors[target] == nil else { throw fault("it has two arrays for \(target)") }
      tensors[target] = try shira(array, of: target)
    }
    return tensors
  }

  private func shira(_ array: Member, of target: String) throws -> MaskFile.Tensor {
    let name = array.entry.name
    guard array.entry.shape.dimensions.count == 2, array.entry.shape.dimensions[0] == 2 else {
      throw fault("\(name) is not of the shape [2, nnz] that SHiRA has")
    }
    guard let tensor = layout.tensors.first(where: { $0.name == target }) else {
      throw fault("the base has no tensor \(target), which \(name) speaks of")
    }
    let bits = ListedBits(
      try integers(array),
      .rowsAndColumns,
      of: target,
      shape: tensor.shape
    )
    return MaskFile.Tensor(shape: tensor.shape.dimensions, bits: bits)
  }
}

extension String {
  /// What stands before `suffix`; nil where it does not end so.
  fileprivate func dropping(suffix: String) -> String? {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : nil
  }
}
