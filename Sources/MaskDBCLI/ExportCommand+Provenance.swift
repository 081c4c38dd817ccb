internal import MaskCatalog
internal import MaskDB
internal import MaskFiles
internal import MaskIngest
internal import MaskModel
internal import MaskQuery

extension ExportCommand {
  /// Where `mask` comes from, as its file says.
  func provenance(of mask: AskedMask, names: ExportedNames) throws -> MaskProvenance {
    var provenance = MaskProvenance(
      maskID: mask.id,
      definition: mask.summary.definition,
      compareType: mask.definition.compareType,
      base: mask.base.digest,
      toolVersion: MaskDBRelease.version,
      polarity: polarity,
      extra: ["algorithm", "dataset", "seed", "step"].compactMap { key in
        mask.fields[key].map { (key, $0) }
      }
    )
    let options = [("include", tensors.tensors.include), ("exclude", tensors.tensors.exclude)]
    provenance.extra += options.compactMap { key, globs in
      globs.isEmpty ? nil : (key, globs.joined(separator: " "))
    }
    provenance.extra.append(("names", tensors.names.rawValue))
    if let prefix = names.prefix { provenance.extra.append(("name_prefix", prefix)) }
    provenance.skipped = try skipped(in: mask, names: names)
    return provenance
  }

  /// The tensors that are not wholly covered, those that are not exported excepted.
  private func skipped(in mask: AskedMask, names: ExportedNames) throws -> [PartTensor] {
    let tensors = try mask.base.layout().tensors
    let parts = zip(tensors, try mask.domain()).compactMap { tensor, domain in
      domain.reason.map {
        PartTensor(
          name: names.names[tensor.name] ?? tensor.name,
          compared: domain.compared,
          reason: $0
        )
      }
    }
    let extra = mask.places.first?.record.extraTensors ?? []
    return parts + extra.map { PartTensor(name: $0.name, compared: 0, reason: $0.reason) }
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
