internal import MaskCatalog
internal import MaskDB
internal import MaskFiles
internal import MaskIngest
internal import MaskModel
internal import MaskQuery

extension ExportCommand {
  /// Where `mask` comes from, as its file says.
  func provenance(
    of mask: MaskRecord,
    in catalog: Catalog,
    names: ExportedNames
  ) throws -> MaskProvenance {
    var provenance = MaskProvenance(
      maskID: mask.name,
      definition: mask.definition.rule.description,
      compareType: mask.definition.compareType,
      base: mask.run.base.digest,
      toolVersion: MaskDBRelease.version,
      polarity: polarity,
      extra: ["algorithm", "dataset", "seed", "step"].compactMap { key in
        mask.run.value(key).map { (key, $0) }
      }
    )
    let options = [("include", tensors.include), ("exclude", tensors.exclude)]
    provenance.extra += options.compactMap { key, globs in
      globs.isEmpty ? nil : (key, globs.joined(separator: " "))
    }
    provenance.extra.append(("names", tensors.names.rawValue))
    if let prefix = names.prefix { provenance.extra.append(("name_prefix", prefix)) }
    provenance.skipped = try skipped(in: mask, of: catalog, names: names)
    return provenance
  }

  /// The tensors that are not wholly covered, those that are not exported excepted.
  private func skipped(
    in mask: MaskRecord,
    of catalog: Catalog,
    names: ExportedNames
  ) throws -> [PartTensor] {
    let layout = try catalog.layout(mask.run.base.layoutID)
    let parts = try catalog.tensors(of: mask).compactMap { record -> PartTensor? in
      let name = layout.tensors[record.ordinal].name
      guard let reason = record.reason else { return nil }
      return PartTensor(name: names.names[name] ?? name, compared: record.compared, reason: reason)
    }
    let extra = mask.extraTensors.map { PartTensor(name: $0.name, compared: 0, reason: $0.reason) }
    return parts + extra
  }
}

/// A checkpoint that is not the one a mask was made of.
struct WrongCheckpoint: Error, CustomStringConvertible {
  let reference: String
  let run: String
  let location: String

  var description: String {
    "'\(reference)' does not hold the weights of \(run), which was added from '\(location)'; name that"
  }
}
