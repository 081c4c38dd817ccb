internal import Foundation
internal import MaskIngest
internal import Synchronization

/// Progress on stderr: a line that changes on a terminal, a line every 30 seconds in a Slurm log,
/// nothing elsewhere or where TQDM_DISABLE or --quiet asks for it.
final class ProgressBar: ProgressReporter {
  private struct State {
    var total = 0
    var done = 0
    var shown = Date.distantPast
  }

  private let label: String
  private let unit: Unit
  private let interval: TimeInterval?
  private let start = Date()
  private let state = Mutex(State())

  /// What is counted.
  enum Unit: Sendable {
    case bytes
    /// Pairs of bits that are compared.
    case pairBits
  }

  init(_ label: String, of unit: Unit = .bytes, isQuiet: Bool) {
    self.label = label
    self.unit = unit
    interval = isQuiet ? nil : Self.interval
  }

  /// The seconds between two lines, nil for none.
  private static var interval: TimeInterval? {
    let environment = ProcessInfo.processInfo.environment
    if let disabled = environment["TQDM_DISABLE"],
      !["", "0", "false"].contains(disabled.lowercased())
    {
      return nil
    }
    if StandardError.isTerminal { return 0.2 }
    return environment["SLURM_JOB_ID"] == nil ? nil : 30
  }

  func expect(bytes: Int) { state.withLock { $0.total += bytes } }

  func advance(bytes: Int) { update { $0.done += bytes } }

  /// Sets how much of what total is done.
  func set(done: Int, of total: Int) {
    update {
      $0.total = total
      $0.done = max($0.done, done)
    }
  }

  /// Takes the line away.
  func clear() {
    guard interval != nil, StandardError.isTerminal else { return }
    StandardError.write("\r\u{1B}[K")
  }

  private func update(_ change: (inout State) -> Void) {
    let line = state.withLock { state -> String? in
      change(&state)
      guard let interval, Date().timeIntervalSince(state.shown) >= interval else { return nil }
      state.shown = Date()
      return text(of: state)
    }
    guard let line else { return }
    StandardError.write(StandardError.isTerminal ? "\r\(line)\u{1B}[K" : line + "\n")
  }

  private func text(of state: State) -> String {
    let seconds = max(Date().timeIntervalSince(start), 0.001)
    let share = state.total > 0 ? min(1, Double(state.done) / Double(state.total)) : 0
    let left = share > 0 ? seconds / share - seconds : 0
    let percent = String(format: "%3.0f %%", 100 * share)
    return "\(label) \(percent), \(rate(Double(state.done) / seconds)), \(time(left)) left"
  }

  private func rate(_ perSecond: Double) -> String {
    switch unit {
    case .bytes: String(format: "%.2f GB/s", perSecond / 1e9)
    case .pairBits: String(format: "%.1f G pair-bits/s", perSecond / 1e9)
    }
  }

  private func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }
}
