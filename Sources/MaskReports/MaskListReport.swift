public import ByteFormats
public import MaskQuery

/// A list of masks, as text and as JSON.
public struct MaskListReport: Report {
  /// The masks.
  public let masks: [MaskSummary]

  /// A list of `masks`.
  public init(_ masks: [MaskSummary]) { self.masks = masks }

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
    var table = TextTable(Self.columns)
    for mask in masks.prefix(rowLimit ?? masks.count) { table.append(row(mask)) }
    table.omit(rowsBeyond: rowLimit, of: masks.count, "masks")
    let skipped = MaskFooter.skipped(masks).map { "\($0)\n" } ?? ""
    return ReportDocument([.table(table), .lines(skipped)])
  }

  /// One line a mask.
  public var records: RecordTable {
    RecordTable(Self.keys, of: masks.compactMap(\.json.object), facts: [])
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
    ]
  }
}
