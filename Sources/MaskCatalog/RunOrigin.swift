package import ByteFormats
package import MaskModel

/// What a new run is to be, but for its base and its masks.
package struct RunOrigin: Sendable {
  /// The name that the user insists on; nil lets the catalog take the first of `suggestedNames`
  /// that is free, or number it.
  package var name: String?
  package var suggestedNames: [String]
  /// The digest of its content.
  package var digest: ContentDigest
  package var location: String
  package var fields: [RunField]

  package init(
    name: String?,
    suggestedNames: [String],
    digest: ContentDigest,
    location: String,
    fields: [RunField]
  ) {
    self.name = name
    self.suggestedNames = suggestedNames
    self.digest = digest
    self.location = location
    self.fields = fields
  }
}

extension FinishedRun {
  /// The base that the run was fine-tuned from.
  var base: BaseOrigin {
    BaseOrigin(
      layout: layout,
      digest: baseDigest,
      fingerprint: baseFingerprint,
      location: baseLocation,
      exponentTotals: exponentTotals
    )
  }

  /// The run, where it is a new one.
  var origin: RunOrigin {
    RunOrigin(
      name: name,
      suggestedNames: suggestedNames,
      digest: digest,
      location: location,
      fields: fields
    )
  }
}
