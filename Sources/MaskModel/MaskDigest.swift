public import ByteFormats

/// What the digest of a mask takes from one segment.
public struct SegmentDigest: Sendable, Hashable {
  /// The set bits.
  public let count: Int
  /// The checksum of the raw bytes.
  public let checksum: UInt64

  /// A digest from its parts.
  public init(count: Int, checksum: UInt64) {
    self.count = count
    self.checksum = checksum
  }
}

/// Gathers the digest of a mask's bits: equal for equal positions, however they are coded.
public struct MaskDigest: Sendable {
  private var tensors: [[SegmentDigest]]

  /// For a layout of `count` tensors.
  public init(tensors count: Int) { tensors = Array(repeating: [], count: count) }

  /// Notes the segments of tensor `ordinal`, in order.
  public mutating func note(_ segments: [SegmentDigest], ofTensor ordinal: Int) {
    tensors[ordinal] = segments
  }

  /// The digest over the layout, the compared positions of every tensor, and the bits.
  public func finish(layout: ModelLayout, compared: [Int]) -> ContentDigest {
    var hasher = ContentHasher()
    hasher.update(digest: layout.digest)
    hasher.update(integers: compared)
    for segments in tensors {
      hasher.update(integers: segments.map(\.count))
      hasher.update(integers: segments.map { Int(bitPattern: UInt($0.checksum)) })
    }
    return hasher.finish()
  }
}
