/// One container of a portable roaring bitmap: up to 65,536 positions that share their upper bits.
public struct RoaringContainer: Sendable, Hashable {
  /// How the positions are written.
  public enum Kind: Sendable, Hashable {
    /// The positions as 16-bit integers, at most 4,096 of them.
    case array
    /// 65,536 bits.
    case bitset
    /// Pairs of the first position of a run and its length less 1.
    case run
  }

  /// The positions divided by 65,536.
  public let key: UInt16
  /// How the positions are written.
  public let kind: Kind
  /// The positions, at least 1.
  public let cardinality: Int
  /// The bytes they are written in, counted from the first byte of the bitmap or file.
  public let payload: Range<Int>

  /// A container from its facts.
  package init(key: UInt16, kind: Kind, cardinality: Int, payload: Range<Int>) {
    self.key = key
    self.kind = kind
    self.cardinality = cardinality
    self.payload = payload
  }

  /// The words of the container's positions within their segment.
  package var segmentWords: Range<Int> {
    let first = Int(key) * RoaringFormat.containerWords % SegmentGrid.words
    return first..<first + RoaringFormat.containerWords
  }

  /// The segment of the bitmap that the container is part of.
  package var segment: Int { Int(key) * RoaringFormat.containerLength / SegmentGrid.length }
}
