internal import ByteFormats
public import SystemPackage

/// Why a file cannot be read as a mask: one sentence with the file, the reason and the way out.
public struct MaskImportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  /// What the file system says.
  init(_ error: FileError) { description = "\(error)" }

  /// What is wrong with the file at `path`, as a clause, and what to do.
  public init(_ path: FilePath, _ reason: String) { description = "'\(path)': \(reason)" }
}
