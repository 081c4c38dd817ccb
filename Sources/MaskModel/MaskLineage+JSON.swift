public import ByteFormats

extension MaskLineage {
  /// The lineage as the catalog keeps it and answers have it.
  public var json: JSONValue {
    switch self {
    case .derived(let expression, let operands):
      let list = operands.map { operand -> JSONValue in
        ["name": .string(operand.name), "digest": .string(operand.digest)]
      }
      return [
        "kind": .string(kind), "expression": .string(expression), "operands": .array(list),
      ]
    case .imported(let file, let details):
      var members = JSONObject()
      for (key, value) in details.sorted(by: { $0.key < $1.key }) { members[key] = .string(value) }
      return ["kind": .string(kind), "from": .string(file), "details": .object(members)]
    }
  }

  /// The lineage of such a value; nil for any other.
  public init?(json: JSONValue) {
    if json["kind"]?.string == "derived", let expression = json["expression"]?.string,
      let entries = json["operands"]?.array
    {
      let operands = entries.compactMap(Operand.init(json:))
      guard operands.count == entries.count else { return nil }
      self = .derived(expression: expression, operands: operands)
    } else if json["kind"]?.string == "imported", let file = json["from"]?.string,
      let members = json["details"]?.object
    {
      var details: [String: String] = [:]
      for (key, value) in members { details[key] = value.string }
      self = .imported(from: file, details: details)
    } else {
      return nil
    }
  }
}

extension MaskLineage.Operand {
  fileprivate init?(json: JSONValue) {
    guard let name = json["name"]?.string, let digest = json["digest"]?.string else { return nil }
    self.init(name: name, digest: digest)
  }
}
