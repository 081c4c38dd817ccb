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
