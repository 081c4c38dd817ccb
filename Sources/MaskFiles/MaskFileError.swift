internal import ByteFormats
public import MaskModel
public import SystemPackage

/// Why a mask file cannot be written or read: facts only.
///
/// What the file system refuses is a `FileError` instead.
public enum MaskFileError: Error, Sendable, Hashable {
  /// The bytes of the file break its format.
  case malformed(FilePath, RoaringError)
  /// The file is another one than it was when reading began.
  case changed(FilePath)
  /// Something has the name already, and replacing it was not asked for.
  case exists(FilePath)
  /// A folder to be replaced holds something that no export wrote.
  case notAnExport(FilePath, found: String)
  /// The mask's own count of a tensor's positions is not the number of positions it gave.
  case miscounted(tensor: String, expected: Int, found: Int)
  /// A tensor has a name that the format keeps for itself.
  case reservedName(String)
  /// A tensor has a longer name than the format holds.
  case nameTooLong(String, MaskFormat)
  /// The fine-tuned checkpoint lacks the values of a tensor of the mask.
  case noValues(tensor: String, checkpoint: String)
  /// The values of a tensor are fp8 to be multiplied by scales, which no delta holds.
  case scaledValues(tensor: String)
  /// The names and shapes take more bytes than readers of the format accept.
  case headerTooLong(FilePath, byteCount: Int)
}

extension MaskFileError: CustomStringConvertible {
  /// One sentence: the file, the reason and the way out.
  public var description: String {
    switch self {
    case .malformed(let path, let error):
      "'\(path)' is no portable roaring file: \(error); export or copy it again"
    case .changed(let path):
      "'\(path)' changed while it was read; try again when nothing writes to it"
    case .exists(let path):
      "'\(path)' exists; choose another name, or --force to replace an earlier export"
    case .notAnExport(let path, let found):
      "'\(path)' is not overwritten: it holds '\(found)', which no export wrote; choose another name"
    case .miscounted(let tensor, let expected, let found):
      "the mask has \(found, of: "position") in \(tensor) where its count says \(expected); verify it"
    case .reservedName(let name): "a tensor named '\(name)' cannot be in a safetensors file"
    case .nameTooLong(let name, let format):
      "a tensor has a name of \(name.utf8.count) bytes, '\(name.prefix(40))...', which no \(format.rawValue) file holds; choose another format"
    case .noValues(let tensor, let checkpoint):
      "'\(checkpoint)' has no float tensor \(tensor) of the shape of the mask's; name the checkpoint that the mask was made of"
    case .scaledValues(let tensor):
      "\(tensor) is fp8 with scales, which a delta cannot change; choose another format, or add the dequantised checkpoint and export that"
    case .headerTooLong(let path, let byteCount):
      "'\(path)' would have a header of \(byteCount) bytes; safetensors readers accept 100,000,000"
    }
  }
}
