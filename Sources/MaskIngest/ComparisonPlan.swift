internal import Checkpoints
internal import MaskCatalog
internal import MaskModel

/// A fine-tuned checkpoint to be compared, under one or more definitions.
struct Subject: Sendable {
  let checkpoint: Checkpoint
  let pairing: Pairing
  let choices: [DefinitionChoice]
  /// Whether the content digest is still to be computed.
  let needsDigest: Bool
}

extension Subject {
  /// The fine-tuned `checkpoint` joined with `base`, under the definitions that `options` ask for.
  ///
  /// - Throws: `MismatchError`, `DefinitionError`.
  init(
    _ checkpoint: Checkpoint,
    base: Checkpoint,
    _ options: ComparisonOptions,
    needsDigest: Bool
  ) throws {
    let pairing = try Pairing(
      base: base,
      tuned: checkpoint,
      allowsMismatch: options.allowsMismatch
    )
    self.init(
      checkpoint: checkpoint,
      pairing: pairing,
      choices: try DefinitionChoice.resolve(
        options.definitions,
        compareType: options.compareType,
        storing: pairing.storedTypes
      ),
      needsDigest: needsDigest
    )
  }
}

/// What the first mask of a subject is coded against.
enum SegmentReference: Sendable, Hashable {
  /// Nothing.
  case alone
  /// A mask of the catalog.
  case stored(Int64)
  /// The first mask of an earlier subject of the same plan.
  case subject(Int)
}

/// One base against several subjects, so that every block of the base is read once.
struct ComparisonPlan: Sendable {
  let base: Checkpoint
  let subjects: [Subject]
  /// Whether the base's content digest is still to be computed.
  let needsBaseDigest: Bool
  /// Whether segments are encoded, or only counted.
  let encodes: Bool
  /// The base's exponent totals that are known already, packed.
  var knownTotals: [ExponentTotals.Key: [UInt8]] = [:]

  /// What the first mask of each subject is coded against; empty where none is.
  var references: [SegmentReference] = []
  /// The catalog that has the masks of `references`.
  var catalog: Catalog?

  /// The masks that are made.
  var maskCount: Int { subjects.reduce(0) { $0 + $1.choices.count } }
}
