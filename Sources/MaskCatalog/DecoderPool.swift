internal import MaskModel
internal import Synchronization

/// Decoders with their scratch memory, lent to one task at a time.
final class DecoderPool: Sendable {
  /// The pool of the process; it grows to the number of tasks that decode at once.
  static let shared = DecoderPool()

  private let idle = Mutex<[Lent]>([])

  /// Decodes a segment with a decoder that no other task uses.
  func decode(
    _ header: SegmentHeader,
    _ bytes: [UInt8],
    positions: Int,
    into words: inout WordBuffer
  ) throws(SegmentError) {
    let lent = idle.withLock { $0.popLast() } ?? Lent()
    defer { idle.withLock { $0.append(lent) } }
    try lent.decode(header, bytes, positions: positions, into: &words)
  }

  // Sendable: the pool hands each to one task at a time.
  private final class Lent: @unchecked Sendable {
    private var decoder = SegmentDecoder()

    func decode(
      _ header: SegmentHeader,
      _ bytes: [UInt8],
      positions: Int,
      into words: inout WordBuffer
    ) throws(SegmentError) {
      let result = unsafe bytes.withUnsafeBytes { bytes -> Result<Void, SegmentError> in
        do throws(SegmentError) {
          try unsafe decoder.decode(header, bytes: bytes, positions: positions, into: &words)
          return .success(())
        } catch {
          return .failure(error)
        }
      }
      try result.get()
    }
  }
}
