public import ByteFormats
internal import MaskModel
public import MaskQuery

/// A list of masks, as text and as JSON.
public struct MaskListReport: Report {
  /// The masks.
  public let masks: [MaskSummary]
  /// The recorded fields that have a column each where people read the list.
  let shownFields: [String]

  /// A list of `masks`, with columns for the fields `shownFields`.
  public init(_ masks: [MaskSummary], showing shownFields: [String] = []) {
    self.masks = masks
    self.shownFields = shownFields
  }

  /// The recorded fields that have no column unless asked for, in natural order.
  public var furtherFields: [String] {
    Set(masks.flatMap(\.furtherFields)).sorted(by: NaturalOrder.precedes)
  }

  /// The list as schema `maskdb.ls/1` has it, but for the version.
  public var json: JSONValue {
    ["schema": "maskdb.ls/1", "masks": .array(masks.map(\.json))]
  }
}

extension MaskListReport {
  /// The key of the masks.
  public static let listKey: String? = "masks"

  /// One line a mask, and what was not compared.
  public func document(rowLimit: Int?) -> ReportDocument {
    let further = shownFields.map { TextTable.Column($0, .left) }
    var table = TextTable(Self.columns + further)
    for mask in masks.prefix(rowLimit ?? masks.count) { table.append(row(mask)) }
    table.omit(rowsBeyond: rowLimit, of: masks.count, "masks")
    let skipped = MaskFooter.skipped(masks).map { "\($0)\n" } ?? ""
    return ReportDocument([.table(table), .lines(skipped + notShown)])
  }

  /// Which recorded fields have no column.
  private var notShown: String {
    let names = furtherFields.filter { !shownFields.contains($0) }.map(\.printable)
    return names.isEmpty
      ? "" : "Recorded as well: \(names.joined(separator: ", ")); --fields shows them.\n"
  }

  /// One line a mask, with a column `field.KEY` for every further field.
  public var records: RecordTable {
    let keys = furtherFields
    let rows = masks.map { mask in
      var row = mask.json.object ?? [:]
      for key in keys { row["field.\(key)"] = JSONValue(mask.fields[key]) }
      return row
    }
    return RecordTable(Self.keys + keys.map { "field.\($0)" }, of: rows, facts: [])
  }

  private static let keys = [
    "id", "run", "definition", "compare_dtype", "base", "algorithm", "dataset", "seed", "step",
    "parameters", "count", "density", "skipped_tensors",
  ]

  private static let columns = [
    TextTable.Column("mask", .left), TextTable.Column("algorithm", .left),
    TextTable.Column("dataset", .left), TextTable.Column("seed"), TextTable.Column("step"),
    TextTable.Column("compared"), TextTable.Column("changed"), TextTable.Column("density %"),
    TextTable.Column("digest", .left),
  ]

  private func row(_ mask: MaskSummary) -> [TextTable.Cell] {
    [
      TextTable.Cell(mask.id),
      TextTable.Cell(mask.algorithm ?? "-"),
      TextTable.Cell(mask.dataset ?? "-"),
      TextTable.Cell(mask.seed.map(String.init) ?? "-"),
      TextTable.Cell(mask.step.map(String.init) ?? "-"),
      TextTable.Cell(NumberText.count(mask.parameters)),
      TextTable.Cell(NumberText.count(mask.count)),
      TextTable.Cell(mask.density.map(NumberText.percent) ?? "-"),
      TextTable.Cell(mask.digest.map { String($0.prefix(10)) } ?? "-"),
    ] + shownFields.map { TextTable.Cell(mask.fields[$0] ?? "-") }
  }
}
