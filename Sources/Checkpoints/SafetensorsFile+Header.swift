internal import ByteFormats

extension SafetensorsFile {
  /// The longest header that the reference implementation reads.
  private static let headerLimit = 100_000_000

  /// The bytes of the header, the first of which is known to be `{`.
  static func header(of file: ReadableFile) throws(Failure) -> [UInt8] {
    guard file.size >= 8 else {
      throw .invalid(.noHeaderLength(fileSize: file.size), tensor: nil)
    }
    let length = try bytes(0..<8, of: file).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= headerLimit else { throw .invalid(.headerTooLong(length: length), tensor: nil) }
    let end = 8 + Int(length)
    guard end <= file.size else {
      throw .invalid(.headerBeyondEnd(length: Int(length), fileSize: file.size), tensor: nil)
    }
    let header = try bytes(8..<end, of: file)
    guard header.first == UInt8(ascii: "{") else { throw .invalid(.noBrace, tensor: nil) }
    return header
  }

  private static func bytes(
    _ range: Range<Int>,
    of file: ReadableFile
  ) throws(Failure) -> [UInt8] {
    do throws(FileError) {
      return try file.bytes(range)
    } catch {
      throw .unreadable(error)
    }
  }
}
