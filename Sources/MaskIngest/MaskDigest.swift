internal import ByteFormats
internal import MaskModel

/// Gathers the digest of a mask's bits, equal for equal positions however they are coded.
struct MaskDigest: Sendable {
  private var tensors: [[SegmentDigest]]

  /// For a layout of `tensors` tensors.
  init(tensors count: Int) { tensors = Array(repeating: [], count: count) }

  /// Notes the segments of tensor `ordinal`.
  mutating func note(_ segments: [SegmentDigest], ofTensor ordinal: Int) {
    tensors[ordinal] = segments
  }

  /// The digest over layout, compared positions and bits.
  func finish(_ pairing: Pairing) -> ContentDigest {
    var hasher = ContentHasher()
    hasher.update(digest: pairing.layout.digest)
    hasher.update(integers: pairing.pairs.map(\.compared))
    for segments in tensors {
      hasher.update(integers: segments.map(\.count))
      hasher.update(integers: segments.map { Int(bitPattern: UInt($0.checksum)) })
    }
    return hasher.finish()
  }
}
