public import MaskCatalog
internal import ByteFormats
public import MaskModel

/// A mask that is to be stored and that no checkpoint is compared for: one that was derived from
/// others, or read from a file of another program.
public struct MadeMask: Sendable {
  /// The bits, over the whole layout of the base; none is set outside of `domain`.
  public var reader: any SegmentReader
  /// What the mask is about, tensor by tensor of the layout.
  public var domain: [TensorDomain]
  /// The exponents of the base's weights in the compare dtype, by which the mask is counted for the
  /// magnitude null; nil where they are not at hand, and then that null has no answer.
  public var binades: (any BinadeReader)?
  /// What decided its positions.
  public var definition: RecordedDefinition
  /// Whether the compare dtype goes without saying in the mask's name.
  public var isDefaultType: Bool
  /// What it was made from.
  public var lineage: MaskLineage
  /// The base that its layout is of.
  package var base: BaseOrigin
  /// The name that the user insists on; nil takes the first free one of `suggestedNames`.
  public var name: String?
  /// Names to take where the user insists on none.
  public var suggestedNames: [String]
  /// What is known of the training, if anything.
  public var fields: [RunField]
  /// Throws where the counts that were found, by tensor, are not those that they should be.
  package var check: @Sendable ([Int]) throws -> Void = { _ in }

  /// A mask over the layout of `base`.
  package init(
    reader: any SegmentReader,
    domain: [TensorDomain],
    binades: (any BinadeReader)? = nil,
    definition: RecordedDefinition,
    isDefaultType: Bool = true,
    lineage: MaskLineage,
    base: BaseOrigin,
    name: String?,
    suggestedNames: [String] = [],
    fields: [RunField] = []
  ) {
    self.reader = reader
    self.domain = domain
    self.binades = definition.compareType == nil ? nil : binades
    self.definition = definition
    self.isDefaultType = isDefaultType || definition.compareType == nil
    self.lineage = lineage
    self.base = base
    self.name = name
    self.suggestedNames = suggestedNames
    self.fields = fields
  }

  /// A mask over the layout of a base that the catalog has.
  ///
  /// - Throws: `DamagedDigest` where the record of the base was not made by a catalog.
  public init(
    reader: any SegmentReader,
    domain: [TensorDomain],
    binades: (any BinadeReader)? = nil,
    definition: RecordedDefinition,
    isDefaultType: Bool = true,
    lineage: MaskLineage,
    base: BaseRecord,
    name: String?,
    suggestedNames: [String] = [],
    fields: [RunField] = []
  ) throws(DamagedDigest) {
    guard let digest = ContentDigest(hexadecimal: base.digest) else {
      throw DamagedDigest(location: base.location, digest: base.digest)
    }
    self.init(
      reader: reader,
      domain: domain,
      binades: binades,
      definition: definition,
      isDefaultType: isDefaultType,
      lineage: lineage,
      base: BaseOrigin(
        layout: reader.layout,
        digest: digest,
        fingerprint: nil,
        location: base.location
      ),
      name: name,
      suggestedNames: suggestedNames,
      fields: fields
    )
  }
}

/// A base whose digest is none.
public struct DamagedDigest: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where the base was read from.
  public let location: String
  /// What stands for its digest.
  public let digest: String

  /// One sentence: the base, the reason.
  public var description: String {
    "the digest of the base \(location), '\(digest)', is not 32 hexadecimal digits"
  }
}

/// What became of a mask that was to be stored.
public struct StoreReport: Sendable, Hashable {
  /// The name of its run.
  public let run: String
  /// Its positions.
  public let compared: Int
  /// Those that are set.
  public let count: Int
  /// The digest of its bits.
  public let digest: String
  /// False where the catalog had it already, made in the same way.
  public let isNew: Bool
}
