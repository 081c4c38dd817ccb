internal import ArgumentParser
internal import ByteFormats
internal import Foundation
internal import SystemPackage

/// A file that is worth more than a report, and is not replaced by one.
struct RefusedOutput: Error, CustomStringConvertible {
  let path: FilePath
  let content: String

  var description: String {
    "\(path): this is \(content), which a report does not replace; name another file with -o"
  }

  /// Throws where the file at `path` begins as a catalog or a checkpoint does.
  static func check(_ path: FilePath) throws {
    guard let file = try? ReadableFile(at: path),
      let start = try? file.bytes(0..<min(16, file.size))
    else { return }
    if start.starts(with: Array("SQLite format 3".utf8)) {
      throw RefusedOutput(path: path, content: "a database")
    }
    if start.count > 9, start[8] == UInt8(ascii: "{"), start[5..<8] == [0, 0, 0] {
      throw RefusedOutput(path: path, content: "a safetensors file")
    }
  }
}

/// The answer itself.
enum Output {
  /// Writes `text` to stdout, with one line break at its end.
  ///
  /// - Throws: `FileError` where it cannot be written; half an answer is not an answer.
  static func print(_ text: String) throws {
    try write(Array((text.hasSuffix("\n") ? text : text + "\n").utf8), to: nil)
  }

  /// Writes `bytes` to the file `path`, whole or not at all, or where that is nil to stdout.
  ///
  /// A symbolic link is followed; into a device or a pipe the bytes are written as into stdout.
  ///
  /// - Throws: `FileError`; `RefusedOutput` where a catalog or a checkpoint has the name.
  static func write(_ bytes: [UInt8], to path: String?) throws {
    guard let path else {
      do {
        try FileDescriptor.standardOutput.writeAll(bytes)
      } catch let error as Errno {
        throw FileError(.write, "standard output", errno: error)
      }
      return
    }
    let target = (try? Folder.resolve(FilePath(path))) ?? FilePath(path)
    if Folder.kind(of: target) == .other { return try stream(bytes, into: target) }
    try RefusedOutput.check(target)
    TemporaryName.sweep(target.removingLastComponent())
    var file = try AtomicFile(at: target)
    try file.write(bytes)
    try file.commit()
  }

  private static func stream(_ bytes: [UInt8], into path: FilePath) throws {
    do {
      let device = try FileDescriptor.open(path, .writeOnly)
      try device.closeAfter { _ = try device.writeAll(bytes) }
    } catch let error as Errno {
      throw FileError(.write, path, errno: error)
    }
  }

  /// Refuses to show binary bytes on a terminal.
  static func checkPlace(isBinary: Bool, path: String?) throws {
    guard isBinary, path == nil, isatty(STDOUT_FILENO) == 1 else { return }
    throw UnfitOption(
      description: "this format is binary; name a file with -o, or send stdout to one"
    )
  }
}
