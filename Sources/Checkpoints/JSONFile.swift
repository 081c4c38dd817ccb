internal import ByteFormats
internal import SystemPackage

/// Reads the small JSON files beside the weights.
enum JSONFile {
  /// The value in the file at `path`, as Python writes them: `NaN` and `Infinity` are numbers, and an integer
  /// beyond 64 bits, such as a seed of torch may be, is the text of its digits.
  static func read(_ path: FilePath) throws(CheckpointError) -> JSONValue {
    let bytes = try contents(of: path)
    do throws(FormatError) {
      return try JSONValue(parsing: bytes, options: .ofPython)
    } catch {
      throw CheckpointError(.notJSON(error), path: path)
    }
  }

  /// The bytes of the file at `path`, cut after 256 MiB, which no such file reaches.
  static func contents(of path: FilePath) throws(CheckpointError) -> [UInt8] {
    do throws(FileError) {
      let file = try ReadableFile(at: path)
      return try file.bytes(0..<min(file.size, 1 << 28))
    } catch {
      throw CheckpointError(error)
    }
  }
}
