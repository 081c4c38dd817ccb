internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import MaskModel

/// The values of a base, where its files are still those that the catalog read.
struct BaseValues {
  private let checkpoint: Checkpoint

  /// Opens `base` where it was read from; nil where other content is there.
  ///
  /// Reads headers alone: content is known by the paths, lengths and times of files.
  init?(_ base: AskedBase, environment: [String: String]) throws(CatalogError) {
    guard let found = try? Checkpoint(at: base.record.location, environment: environment),
      let digest = try base.catalog.contentDigest(of: found.fingerprint.digest),
      digest.description == base.digest
    else { return nil }
    checkpoint = found
  }

  /// The positions of `mask` within `range` of tensor `tensor`, by fp32 exponent field of the base's
  /// value in `type`.
  func exponents(
    of mask: any MaskReader,
    tensor: Int,
    in range: Range<Int>,
    as type: FloatType
  ) throws -> [Int]? {
    guard let stored = checkpoint[mask.layout.tensors[tensor].name] else { return nil }
    var counts = [UInt64](repeating: 0, count: 256)
    var words = WordBuffer()
    let values = BlockValues()
    let first = range.lowerBound / SegmentGrid.length
    for segment in first..<SegmentGrid.count(positions: range.upperBound) {
      _ = try mask.read(tensor: tensor, segment: segment, into: &words)
      words.clear(before: range.lowerBound - segment * SegmentGrid.length)
      for block in Block.indices(ofSegment: segment, positions: range.upperBound) {
        let positions = Block.range(block, positions: range.upperBound)
        guard positions.upperBound > range.lowerBound else { continue }
        try values.load(stored, positions, of: checkpoint)
        let word = (positions.lowerBound - segment * SegmentGrid.length) / 64
        unsafe words.withWords { words in
          guard let bits = words.baseAddress else { return }
          unsafe Kernels.addExponents(
            of: values.values(as: type),
            as: type,
            where: bits + word,
            count: positions.count,
            to: &counts
          )
        }
      }
    }
    return counts.map { Int($0) }
  }
}
