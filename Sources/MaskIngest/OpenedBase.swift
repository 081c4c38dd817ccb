internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import MaskModel

/// A base whose headers were read.
struct OpenedBase: Sendable {
  let checkpoint: Checkpoint
  let fingerprint: ContentDigest
  /// The content digest, where the catalog has read these files before.
  private(set) var digest: ContentDigest?
  /// What the catalog has of its exponents.
  private(set) var exponentTotals: [ExponentTotals.Key: [UInt8]]

  init(_ reference: String, _ options: ComparisonOptions, _ catalog: Catalog) throws {
    checkpoint = try Checkpoint(at: reference, environment: options.environment)
    fingerprint = checkpoint.fingerprint.digest
    digest = nil
    exponentTotals = [:]
    try recall(from: catalog)
  }

  /// Takes what the catalog knows of these files by now.
  mutating func recall(from catalog: Catalog) throws {
    digest = try digest ?? catalog.contentDigest(of: fingerprint)
    exponentTotals = try digest.map { try catalog.exponentTotals(ofBase: $0) } ?? [:]
  }

  /// Computes the digest where the catalog has a base of `layout` that this may be.
  ///
  /// The masks of that base may then predict others. Reads the base once more.
  mutating func identify(_ layout: ModelLayout, in catalog: Catalog, threads: Int) throws {
    guard digest == nil, try catalog.hasBase(ofLayout: layout.digest) else { return }
    let content = try checkpoint.contentDigest(threads: threads)
    digest = content
    exponentTotals = try catalog.exponentTotals(ofBase: content)
  }
}
