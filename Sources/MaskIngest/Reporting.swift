/// Told how far a long work is, from any thread.
public protocol ProgressReporter: Sendable {
  /// More work has become known.
  func expect(bytes: Int)
  /// Some of it is done.
  func advance(bytes: Int)
}
