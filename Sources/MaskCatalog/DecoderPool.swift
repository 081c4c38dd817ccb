internal import MaskModel
internal import Synchronization

/// Decoders with their scratch memory, lent to one task at a time.
final class DecoderPool: Sendable {
  /// The pool of the process; it grows to the number of tasks that decode at once.
  static let shared = DecoderPool()

  private let idle = Mutex<[Lent]>([])

  /// Calls `body` with a decoder that no other task uses.
  func withDecoder<Value>(_ body: (inout SegmentDecoder) throws -> Value) rethrows -> Value {
    let lent = idle.withLock { $0.popLast() } ?? Lent()
    defer { idle.withLock { $0.append(lent) } }
    return try body(&lent.decoder)
  }

  // Sendable: the pool hands each to one task at a time.
  private final class Lent: @unchecked Sendable {
    var decoder = SegmentDecoder()
  }
}
