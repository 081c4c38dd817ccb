internal import Foundation
internal import Synchronization

/// The first signal that came while one was watched for, else 0.
private let received = Atomic<Int32>(0)

/// Ctrl-C, or the order to end, while something is under way that is better ended in order.
///
/// The first signal is noted; a second one ends the process as if this were not here.
struct Interruption {
  private var watched: [Int32] = []

  /// Watches for SIGINT and SIGTERM, but for those that whoever started the process has it ignore.
  init() {
    // Made here, so that the handler does nothing but store.
    received.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      let former = signal(number) { number in
        received.store(number, ordering: .relaxed)
        _ = signal(number, SIG_DFL)
      }
      if unsafe unsafeBitCast(former, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        _ = signal(number, SIG_IGN)
      } else {
        watched.append(number)
      }
    }
  }

  /// The signal that came, if any.
  static var noted: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Leaves signals alone again.
  func end() {
    for number in watched { _ = signal(number, SIG_DFL) }
  }
}

/// A count that was stopped by a signal.
struct Interrupted: Error, CustomStringConvertible {
  let signal: Int32
  /// What became of the counts.
  let outcome: String

  var description: String { "interrupted; \(outcome)" }
  /// What a shell says of a process that a signal ended.
  var exitCode: Int32 { 128 + signal }
}
