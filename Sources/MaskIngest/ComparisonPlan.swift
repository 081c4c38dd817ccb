internal import Checkpoints
internal import MaskModel

/// A fine-tuned checkpoint to be compared, under one or more definitions.
struct Subject: Sendable {
  let checkpoint: Checkpoint
  let pairing: Pairing
  let choices: [DefinitionChoice]
  /// Whether the content digest is still to be computed.
  let needsDigest: Bool
}

/// One base against several subjects, so that every block of the base is read once.
struct ComparisonPlan: Sendable {
  let base: Checkpoint
  let subjects: [Subject]
  /// Whether the base's content digest is still to be computed.
  let needsBaseDigest: Bool
  /// Whether segments are encoded, or only counted.
  let encodes: Bool

  /// The masks that are made.
  var maskCount: Int { subjects.reduce(0) { $0 + $1.choices.count } }
}

/// A block: the values that are read, digested and compared while they are in the cache.
enum Block {
  /// The values of a whole block: those of one roaring container.
  static let length = 1 << 16
  /// The blocks of a whole segment.
  static let perSegment = SegmentGrid.length / length

  /// The blocks of a tensor of `positions`.
  static func count(positions: Int) -> Int { (positions + length - 1) / length }

  /// The positions of block `index` of a tensor of `positions`; empty past its end.
  static func range(_ index: Int, positions: Int) -> Range<Int> {
    let lower = min(index * length, positions)
    return lower..<min(lower + length, positions)
  }
}
