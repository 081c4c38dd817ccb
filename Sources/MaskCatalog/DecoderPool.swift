internal import Synchronization

/// Decoders with their scratch memory, lent to one task at a time.
final class DecoderPool: Sendable {
  /// The pool of the process; it grows to the number of tasks that decode at once.
  static let shared = DecoderPool()

  private let idle = Mutex<[ChainDecoder]>([])

  /// Calls `body` with a decoder that no other task uses.
  func lend<Result>(_ body: (ChainDecoder) throws -> Result) rethrows -> Result {
    let lent = idle.withLock { $0.popLast() } ?? ChainDecoder()
    defer { idle.withLock { $0.append(lent) } }
    return try body(lent)
  }
}
