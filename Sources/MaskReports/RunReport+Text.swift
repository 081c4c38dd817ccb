internal import MaskModel
internal import MaskQuery

extension RunReport {
  /// The report for a terminal.
  public var text: String {
    let head = """
      \(name.printable)
        \(origin), content \(digest), added \(addedAt)
        base \(baseLocation.printable), content \(base)

      """
    let tables = [operandTable, fieldTable, formerTable, MaskListReport(masks).text()]
    return ([head] + tables.compactMap(\.self)).joined(separator: "\n")
  }

  /// Where the run was read from, or what its mask was made from.
  private var origin: String {
    switch masks.first?.lineage {
    case nil: "from \(location.printable)"
    case .derived(let expression, _): "derived as \(expression.printable)"
    case .imported(let file, _): "imported from \(file.printable)"
    }
  }

  /// The masks that a derived one was made from, as they were named then.
  private var operandTable: String? {
    guard case .derived(_, let operands) = masks.first?.lineage, !operands.isEmpty else {
      return nil
    }
    var table = TextTable([
      TextTable.Column("derived from", .left), TextTable.Column("digest", .left),
    ])
    for operand in operands {
      table.append([TextTable.Cell(operand.name), TextTable.Cell(operand.digest)])
    }
    return table.rendered
  }

  private var fieldTable: String? {
    guard !fields.isEmpty else { return nil }
    var table = TextTable([
      TextTable.Column("field", .left), TextTable.Column("value", .left),
      TextTable.Column("source", .left),
    ])
    for field in fields {
      table.append([
        TextTable.Cell(field.key), TextTable.Cell(field.value), TextTable.Cell(field.source),
      ])
    }
    return table.rendered
  }

  /// Values that were recorded before the present ones.
  private var formerTable: String? {
    let present = Dictionary(history.map { ($0.field.key, $0.field) }) { $1 }
    let former = history.filter { present[$0.field.key] != $0.field }
    guard !former.isEmpty else { return nil }
    var table = TextTable([
      TextTable.Column("former", .left), TextTable.Column("value", .left),
      TextTable.Column("source", .left), TextTable.Column("recorded", .left),
    ])
    for entry in former {
      table.append([
        TextTable.Cell(entry.field.key), TextTable.Cell(entry.field.value),
        TextTable.Cell(entry.field.source), TextTable.Cell(entry.recordedAt),
      ])
    }
    return table.rendered
  }
}
