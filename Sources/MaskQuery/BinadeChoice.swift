internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import MaskModel

/// Where the exponents of a base's weights are looked for: in the catalog, which may keep them, and in
/// the base's files.
struct BinadeChoice: Sendable {
  /// The base's files, as the user named them; nil for where they were read from.
  let path: String?
  let environment: [String: String]

  /// The exponents that need no reading of a base that nobody named: those of the files that the
  /// user named, else those that the catalog keeps of all that `domain` is about; nil for neither.
  ///
  /// - Throws: `IncompatibleMasks` where the files that the user named are no such base.
  func readerAtHand(
    of base: AskedBase,
    as type: FloatType,
    for domain: [TensorDomain],
    threads: Int
  ) throws -> (any BinadeReader)? {
    guard path != nil else {
      return try base.catalog.binades(of: base.record, as: type, for: domain)
    }
    guard let found = try files(of: base, threads: threads) else { throw absence(of: base) }
    return CheckpointBinades(found, layout: try base.layout(), type: type)
  }

  /// The same, else the exponents of the files that the base was read from, where they still are what
  /// the catalog knows; nil where they are not.
  func reader(
    of base: AskedBase,
    as type: FloatType,
    for domain: [TensorDomain],
    threads: Int
  ) throws -> (any BinadeReader)? {
    if let found = try readerAtHand(of: base, as: type, for: domain, threads: threads) {
      return found
    }
    return try files(of: base, threads: threads).map {
      CheckpointBinades($0, layout: try base.layout(), type: type)
    }
  }

  /// The exponents of the base of `mask`, in its compare dtype, for a random mask like it.
  ///
  /// - Throws: `IncompatibleMasks` where the operands have no one compare dtype, or the exponents are
  ///   not to be had.
  func reader(for mask: EvaluatedMask, threads: Int) throws -> any BinadeReader {
    guard let type = mask.definition.compareType else {
      throw IncompatibleMasks(
        description: "random masks by magnitude need one compare dtype, and the masks of "
          + "'\(mask.expression)' have several; use match=tensor"
      )
    }
    let found = try reader(of: mask.base, as: type, for: mask.domain, threads: threads)
    guard let found else { throw absence(of: mask.base, "; or use match=tensor") }
    return found
  }

  private func absence(of base: AskedBase, _ otherwise: String = "") -> IncompatibleMasks {
    IncompatibleMasks(
      description: "counts by magnitude need the values of the base, and "
        + "\(path ?? base.record.location) is not, or is no longer, what was added as the base; "
        + "name its files with --base\(otherwise)"
    )
  }

  /// The files of `base`: those that the user named, where their content is the base's, else those
  /// that it was read from, where the catalog knows them by paths, lengths and times.
  private func files(of base: AskedBase, threads: Int) throws -> Checkpoint? {
    let location = path ?? base.record.location
    let found =
      path == nil
      ? try? Checkpoint(at: location, environment: environment)
      : try Checkpoint(at: location, environment: environment)
    guard let found else { return nil }
    let known = try base.catalog.contentDigest(of: found.fingerprint.digest)
    guard known != nil || path != nil else { return nil }
    let digest = try known ?? found.contentDigest(threads: threads)
    return digest.description == base.digest ? found : nil
  }
}
