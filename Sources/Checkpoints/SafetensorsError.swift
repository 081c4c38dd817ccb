public import ByteFormats
public import SystemPackage

/// Why a file is not a valid safetensors file: facts only.
public struct SafetensorsError: Error, Sendable, Hashable {
  /// What is wrong.
  public enum Reason: Sendable, Hashable {
    /// The file is too short to say how long its header is.
    case noHeaderLength(fileSize: Int)
    /// The header claims to be longer than the 100,000,000 bytes the format allows.
    case headerTooLong(length: UInt64)
    /// The header claims to end after the file does.
    case headerBeyondEnd(length: Int, fileSize: Int)
    /// The header does not begin with `{`.
    case noBrace
    /// The header is not JSON; offsets count from its first byte.
    case header(FormatError)
    /// `__metadata__` is not an object of texts; the key that is not one, if it is an object.
    case metadataNotText(key: String?)
    /// The tensor's name is not in Unicode normal form C, so that another could look the same.
    case notNormalized
    /// The tensor's name has the character U+0000.
    case nulInName
    /// A tensor's entry is not an object, or a member of it is missing.
    case missingField(String)
    /// The element type is none that the format has.
    case unknownType(String)
    /// The shape is not an array of counts.
    case invalidShape
    /// The byte range is not a pair of rising offsets.
    case invalidOffsets
    /// The shape holds more elements than can be counted.
    case sizeOverflow
    /// The elements do not fill whole bytes.
    case notWholeBytes
    /// The byte range has another length than shape and type say.
    case sizeMismatch(expected: Int, found: Int)
    /// Bytes before the tensor belong to no tensor.
    case hole(from: Int, to: Int)
    /// The tensor begins within another.
    case overlap(with: String)
    /// The tensors need more bytes than follow the header.
    case dataBeyondEnd(needed: Int, found: Int)
    /// Bytes follow the last tensor.
    case trailingBytes(Int)
    /// The file is another thing with the wrong name.
    case lookalike(Lookalike)
  }

  /// What a file that is not safetensors turned out to be.
  public enum Lookalike: Sendable, Hashable {
    case emptyFile
    case gitLFSPointer
    case webPage
    case pickle
    case torchArchive
    case gguf
    case hdf5
  }

  /// What is wrong.
  public let reason: Reason
  /// The file.
  public let path: FilePath
  /// The tensor, as the file names it, where one is to blame.
  public let tensor: String?

  /// An error from its facts.
  public init(_ reason: Reason, path: FilePath, tensor: String? = nil) {
    self.reason = reason
    self.path = path
    self.tensor = tensor
  }
}
