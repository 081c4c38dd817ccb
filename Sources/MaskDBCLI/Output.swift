internal import ArgumentParser
internal import ByteFormats
internal import Foundation
internal import SystemPackage

/// The answer itself.
enum Output {
  /// Writes `text` to stdout, with one line break at its end.
  static func print(_ text: String) {
    Swift.print(text, terminator: text.hasSuffix("\n") ? "" : "\n")
  }

  /// Writes `bytes` to the file `path`, whole or not at all, or where that is nil to stdout.
  static func write(_ bytes: [UInt8], to path: String?) throws {
    guard let path else { return try FileHandle.standardOutput.write(contentsOf: Data(bytes)) }
    var file = try AtomicFile(at: FilePath(path))
    try file.write(bytes)
    try file.commit()
  }

  /// Refuses to show binary bytes on a terminal.
  static func checkPlace(isBinary: Bool, path: String?) throws {
    guard isBinary, path == nil, isatty(STDOUT_FILENO) == 1 else { return }
    throw ValidationError("This format is binary; name a file with -o, or send stdout to one.")
  }
}
