internal import MaskModel
internal import MaskCatalog

/// Which mask of a plan: the subject, and the choice among its definitions.
struct MaskIndex: Sendable, Hashable {
  let subject: Int
  let choice: Int
}

/// Where a comparison puts what it makes, from several workers at once, in any order.
protocol ComparisonSink: Sendable {
  /// Takes a segment, which may be coded against that of another mask.
  func take(_ segment: EncodedSegment, of mask: MaskIndex, ordinal: Int, number: Int) throws
  func take(_ tensor: MaskTensorRecord, of mask: MaskIndex, exponentTotals: [Int]?) throws
}

/// A mask when its last segment is compared.
struct MaskResult: Sendable {
  /// The positions that changed, by tensor of the layout.
  var counts: [Int]
  /// The digest of its bits.
  var digest: MaskDigest
}
