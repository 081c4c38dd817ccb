internal import ByteFormats
public import MaskModel

/// Where a mask comes from, as the files that carry it say.
public struct MaskProvenance: Sendable {
  /// The mask's name, such as `grpo-s0@paper`.
  public let maskID: String
  /// The rule that decided what changed, or the expression the mask was derived by.
  public let definition: String
  /// The dtype in which values were compared; nil where there is none.
  public let compareType: FloatType?
  /// The digest of the base checkpoint; nil where it is unknown.
  public let base: String?
  /// The version of the program that writes the file.
  public let toolVersion: String
  /// Which weights the bits that are set stand for.
  public let polarity: MaskPolarity
  /// The tensors that the mask does not, or not wholly, cover.
  public var skipped: [PartTensor] = []
  /// What else is to be said, in this order.
  public var extra: [(key: String, value: String)]

  /// A provenance from its facts.
  public init(
    maskID: String,
    definition: String,
    compareType: FloatType?,
    base: String?,
    toolVersion: String,
    polarity: MaskPolarity,
    extra: [(key: String, value: String)] = []
  ) {
    self.maskID = maskID
    self.definition = definition
    self.compareType = compareType
    self.base = base
    self.toolVersion = toolVersion
    self.polarity = polarity
    self.extra = extra
  }
}

extension MaskProvenance {
  /// The facts as keys and texts: those that are known, then the extra ones whose keys are not taken.
  var members: [(key: String, value: String)] {
    let facts: [(key: String, value: String?)] = [
      ("mask", maskID), ("definition", definition), ("compare_dtype", compareType?.rawValue),
      ("base", base), ("polarity", polarity.rawValue), ("maskdb_version", toolVersion),
    ]
    return facts.compactMap { key, value in value.map { (key, $0) } } + extra
  }

  /// The tensors not wholly covered, as JSON.
  var skippedValue: JSONValue {
    .array(
      skipped.map {
        ["name": .string($0.name), "compared": .integer($0.compared), "reason": .string($0.reason)]
      }
    )
  }
}

/// A tensor that a mask does not, or not wholly, cover.
public struct PartTensor: Sendable, Hashable {
  /// The name.
  public var name: String
  /// The leading positions that were compared.
  public let compared: Int
  /// Why not all were.
  public let reason: String

  /// The tensor `name`, of which the leading `compared` positions are covered.
  public init(name: String, compared: Int, reason: String) {
    self.name = name
    self.compared = compared
    self.reason = reason
  }
}
