internal import MaskModel

/// A block: the values that are read, digested and compared while they are in the cache.
package enum Block {
  /// The values of a whole block: those of one roaring container.
  package static let length = 1 << 16
  /// The blocks of a whole segment.
  package static let perSegment = SegmentGrid.length / length

  /// The blocks of a tensor of `positions`.
  package static func count(positions: Int) -> Int { (positions + length - 1) / length }

  /// The positions of block `index` of a tensor of `positions`; empty past its end.
  package static func range(_ index: Int, positions: Int) -> Range<Int> {
    let lower = min(index * length, positions)
    return lower..<min(lower + length, positions)
  }
}

extension Block {
  /// The blocks of segment `number` of a tensor of `positions`.
  package static func indices(ofSegment number: Int, positions: Int) -> Range<Int> {
    let first = number * perSegment
    return first..<max(first, min(first + perSegment, count(positions: positions)))
  }
}
