internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import SystemPackage

/// A base whose headers were read.
struct OpenedBase: Sendable {
  let checkpoint: Checkpoint
  let fingerprint: ContentDigest
  /// The content digest, where the catalog has read these files before.
  let digest: ContentDigest?

  init(_ reference: String, _ options: ComparisonOptions, _ catalog: Catalog) throws {
    checkpoint = try Checkpoint(at: reference, environment: options.environment)
    fingerprint = checkpoint.fingerprintDigest
    digest = try catalog.contentDigest(of: fingerprint)
  }
}

extension Checkpoint {
  /// What identifies the files that were read, without reading them: paths, sizes, times.
  var fingerprintDigest: ContentDigest {
    var hasher = ContentHasher()
    for file in fingerprint.files {
      hasher.update(text: file.path.string)
      hasher.update(integers: [file.size, file.modified])
    }
    return hasher.finish()
  }
}
