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
      fields: record.run.fields.mapValues(\.value),
      parameters: record.compared,
      count: record.count,
      skippedTensors: skipped,
      digest: record.digest,
      lineage: record.lineage
    )
  }
}
