internal import ArgumentParser
internal import ByteFormats
internal import Foundation
internal import SystemPackage

/// The answer itself.
enum Output {
  /// Writes `text` to stdout, with one line break at its end.
  ///
  /// - Throws: `FileError` where it cannot be written; half an answer is not an answer.
  static func print(_ text: String) throws {
    try write(Array((text.hasSuffix("\n") ? text : text + "\n").utf8), to: nil)
  }

  /// Writes `bytes` to the file `path`, whole or not at all, or where that is nil to stdout.
  static func write(_ bytes: [UInt8], to path: String?) throws {
    guard let path else {
      do {
        try FileDescriptor.standardOutput.writeAll(bytes)
      } catch let error as Errno {
        throw FileError(.write, "standard output", errno: error)
      }
      return
    }
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
