public import MaskCatalog
public import MaskModel

extension MaskSummary {
  /// What a list says of `record`, whose tensors `skipped` are not, or not wholly, compared.
  public init(_ record: MaskRecord, skipped: [SkippedTensor]) {
    self.init(
      id: record.name,
      run: record.run.name,
      definition: record.definition.rule.description,
      compareType: record.definition.compareType?.rawValue,
      base: record.run.base.digest,
      algorithm: record.run.value("algorithm"),
      dataset: record.run.value("dataset"),
      seed: record.run.value("seed").flatMap { Int($0) },
      step: record.run.value("step").flatMap { Int($0) },
      parameters: record.compared,
      count: record.count,
      skippedTensors: skipped,
      lineage: record.lineage
    )
  }

  /// The summaries of `records`, in their order.
  public static func all(
    of records: [MaskRecord],
    in catalog: Catalog
  ) throws(CatalogError) -> [MaskSummary] {
    let skipped = try catalog.skippedTensors()
    return records.map { MaskSummary($0, skipped: skipped[$0.id] ?? []) }
  }
}
