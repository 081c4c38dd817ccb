internal import Foundation

/// What is for people and not for pipes.
enum StandardError {
  /// Writes `text` as it is.
  static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  /// Whether a person looks at it.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes a note of its own line.
  static func note(_ text: String) { write("maskdb: \(text)\n") }
}
