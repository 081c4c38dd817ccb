/// How the header of a portable 32-bit bitmap is laid out, known from its first bytes.
///
/// Cookie and container count, a flag for each container that may be of runs, key and cardinality
/// of each, and, but for few containers with runs, the offset of each.
package struct RoaringHeader: Sendable, Hashable {
  /// The containers.
  package let count: Int
  /// Whether some containers may be of runs, so that flags tell.
  package let hasRuns: Bool

  /// The bytes that suffice for `init(prefix:origin:)`.
  package static let prefixByteCount = 8

  /// A header for `count` containers.
  package init(count: Int, hasRuns: Bool) {
    self.count = count
    self.hasRuns = hasRuns
  }

  /// Reads the cookie and the count.
  ///
  /// - Parameters:
  ///   - bytes: the bitmap, or as much of it as there is.
  ///   - origin: where it begins in the file, for errors.
  /// - Throws: where the cookie is unknown or the count out of range.
  package init(prefix bytes: RawSpan, origin: Int) throws(RoaringError) {
    let end = RoaringError(.unexpectedEnd, at: origin + bytes.byteCount)
    guard bytes.byteCount >= 4 else { throw end }
    let cookie = bytes.littleEndian(UInt32.self, at: 0)
    if UInt16(truncatingIfNeeded: cookie) == RoaringFormat.runCookie {
      self.init(count: Int(cookie >> 16) + 1, hasRuns: true)
      return
    }
    guard cookie == RoaringFormat.plainCookie else {
      throw RoaringError(.unknownCookie, at: origin)
    }
    guard bytes.byteCount >= 8 else { throw end }
    let count = Int(bytes.littleEndian(UInt32.self, at: 4))
    guard count <= RoaringFormat.containerLimit else {
      throw RoaringError(.tooManyContainers, at: origin + 4)
    }
    self.init(count: count, hasRuns: false)
  }

  /// Whether the header ends in offsets.
  package var hasOffsets: Bool { !hasRuns || count >= RoaringFormat.offsetThreshold }

  /// The bytes of the flags.
  var flagByteCount: Int { hasRuns ? (count + 7) / 8 : 0 }

  /// Where the keys and cardinalities begin; the flags end there.
  var entriesStart: Int { hasRuns ? 4 + flagByteCount : 8 }

  /// Where the offsets begin if there are any.
  var offsetsStart: Int { entriesStart + 4 * count }

  /// The bytes of the header.
  package var byteCount: Int { offsetsStart + (hasOffsets ? 4 * count : 0) }
}
