internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog

/// A base whose headers were read.
struct OpenedBase: Sendable {
  let checkpoint: Checkpoint
  let fingerprint: ContentDigest
  /// The content digest, where the catalog has read these files before.
  let digest: ContentDigest?
  /// What the catalog has of its exponents.
  let exponentTotals: [ExponentTotals.Key: [UInt8]]

  init(_ reference: String, _ options: ComparisonOptions, _ catalog: Catalog) throws {
    checkpoint = try Checkpoint(at: reference, environment: options.environment)
    fingerprint = checkpoint.fingerprint.digest
    digest = try catalog.contentDigest(of: fingerprint)
    exponentTotals = try digest.map { try catalog.exponentTotals(ofBase: $0) } ?? [:]
  }
}
