internal import MaskModel

/// The payloads of the containers of one segment, one after the other.
struct RoaringEncoder: ~Copyable {
  // No payload is longer than a bitset, so all of them together are no longer than the segment.
  private var output = WordBuffer()
  private var byteCount = 0

  /// What was encoded last.
  var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get { unsafe output.span.bytes.extracting(first: byteCount) }
  }

  /// Encodes `containers`, all of one segment, whose words are `words`.
  mutating func encode(_ containers: ArraySlice<RoaringContainer>, of words: Span<UInt64>) {
    var span = output.mutableSpan
    var bytes = unsafe span.mutableBytes
    var end = 0
    for container in containers {
      let start = end
      let words = words.extracting(container.segmentWords)
      end = container.kind.encode(words, into: &bytes, at: start)
      precondition(end - start == container.payload.count, "the mask gave other bits than before")
    }
    byteCount = end
  }
}
