internal import ByteFormats
internal import MaskModel
internal import SystemPackage

/// An open safetensors file whose header has been checked.
///
/// Source: the format section of https://github.com/huggingface/safetensors.
struct SafetensorsFile: Sendable {
  /// One tensor as the header has it; offsets count from the start of the data.
  struct Entry: Sendable {
    let name: String
    let type: StoredType
    let shape: TensorShape
    let range: Range<Int>
  }

  let file: ReadableFile
  /// Where the data begin, after the header.
  let dataOffset: Int
  /// The tensors in the order of their bytes.
  let entries: [Entry]

  /// Opens the file at `path` and checks it in the order of distrust.
  init(at path: FilePath) throws(CheckpointError) {
    do throws(FileError) {
      file = try ReadableFile(at: path)
    } catch {
      throw CheckpointError(error)
    }
    do throws(Failure) {
      let header = try Self.header(of: file)
      dataOffset = 8 + header.count
      entries = try Self.entries(in: header, dataSize: file.size - dataOffset)
    } catch {
      throw Self.error(error, in: file)
    }
  }

  /// A failure before it is known which file it is in.
  enum Failure: Error {
    case invalid(SafetensorsError.Reason, tensor: String?)
    case unreadable(FileError)
  }

  private static func error(_ failure: Failure, in file: ReadableFile) -> CheckpointError {
    switch failure {
    case .unreadable(let error): CheckpointError(error)
    case .invalid(let reason, let tensor):
      if let lookalike = SafetensorsError.Lookalike(file) {
        CheckpointError(SafetensorsError(.lookalike(lookalike), path: file.path))
      } else {
        CheckpointError(SafetensorsError(reason, path: file.path, tensor: tensor))
      }
    }
  }
}

extension SafetensorsFile {
  /// The longest header that the reference implementation reads.
  private static let headerLimit = 100_000_000

  /// The bytes of the header, the first of which is known to be `{`.
  private static func header(of file: ReadableFile) throws(Failure) -> [UInt8] {
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

  private static func entries(
    in header: [UInt8],
    dataSize: Int
  ) throws(Failure) -> [Entry] {
    let json: JSONValue
    do throws(FormatError) {
      json = try JSONValue(parsing: header)
    } catch {
      throw .invalid(.header(error), tensor: nil)
    }
    var entries: [Entry] = []
    for (name, value) in json.object ?? [:] {
      if name == "__metadata__" {
        try checkMetadata(value)
      } else {
        entries.append(try Entry(name, value))
      }
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    try checkCover(entries, dataSize: dataSize)
    return entries
  }

  private static func checkMetadata(_ value: JSONValue) throws(Failure) {
    guard let members = value.object else {
      throw .invalid(.metadataNotText(key: nil), tensor: nil)
    }
    for (key, value) in members where value.string == nil {
      throw .invalid(.metadataNotText(key: key), tensor: nil)
    }
  }

  /// That the tensors cover the data from the first byte to the last, each byte once.
  private static func checkCover(_ entries: [Entry], dataSize: Int) throws(Failure) {
    var end = 0
    var previous = ""
    for entry in entries {
      if entry.range.lowerBound > end {
        throw .invalid(.hole(from: end, to: entry.range.lowerBound), tensor: entry.name)
      }
      if entry.range.lowerBound < end {
        throw .invalid(.overlap(with: previous), tensor: entry.name)
      }
      end = entry.range.upperBound
      previous = entry.name
    }
    if end > dataSize {
      throw .invalid(.dataBeyondEnd(needed: end, found: dataSize), tensor: previous)
    }
    if end < dataSize { throw .invalid(.trailingBytes(dataSize - end), tensor: nil) }
  }
}
