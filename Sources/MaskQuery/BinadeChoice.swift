internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import MaskModel

/// Where the base's exponents are looked for, when a random mask keeps counts by magnitude: in the
/// catalog, else in the base's files.
struct BinadeChoice: Sendable {
  /// The base's files, as the user named them; nil for where they were read from.
  let path: String?
  let environment: [String: String]

  /// The exponents of the base of `mask`, in its compare dtype.
  ///
  /// - Throws: `IncompatibleMasks` where the operands have no one compare dtype, or the base's files
  ///   are not to be had.
  func reader(for mask: EvaluatedMask, threads: Int) throws -> any BinadeReader {
    guard let type = mask.definition.compareType else {
      throw IncompatibleMasks(
        description: "random masks by magnitude need one compare dtype, and the masks of "
          + "'\(mask.expression)' have several; use match=tensor"
      )
    }
    let record = mask.base.record
    if path == nil, let kept = try kept(for: mask, as: type) { return kept }
    let location = path ?? record.location
    guard let found = try opened(location), try isBase(found, of: mask, threads: threads) else {
      throw IncompatibleMasks(
        description:
          "random masks by magnitude need the values of the base, and \(location) is not, "
          + "or is no longer, what was added as the base; name its files with --base, or use match=tensor"
      )
    }
    return CheckpointBinades(found, layout: mask.reader.layout, type: type)
  }

  /// What `add --keep-magnitudes` keeps, where that is all that `mask` is about.
  private func kept(for mask: EvaluatedMask, as type: FloatType) throws -> StoredBinades? {
    let needed = mask.domain.indices.filter { tensor in
      mask.domain[tensor].compared > 0 && FloatType(named: mask.domain[tensor].baseType) != nil
    }
    let stored = try mask.base.catalog.binades(of: mask.base.record, as: type)
    guard let stored, try stored.isWhole(of: needed) else { return nil }
    return stored
  }

  /// The checkpoint at `location`; nil where there is none and nobody said that there is.
  private func opened(_ location: String) throws -> Checkpoint? {
    guard path == nil else { return try Checkpoint(at: location, environment: environment) }
    return try? Checkpoint(at: location, environment: environment)
  }

  /// Whether `found` is the base of `mask`: files that the catalog knows, or, where the user named
  /// them, files of the same content.
  private func isBase(_ found: Checkpoint, of mask: EvaluatedMask, threads: Int) throws -> Bool {
    let known = try mask.base.catalog.contentDigest(of: found.fingerprint.digest)
    guard known != nil || path != nil else { return false }
    return try (known ?? found.contentDigest(threads: threads)).description == mask.base.digest
  }
}
