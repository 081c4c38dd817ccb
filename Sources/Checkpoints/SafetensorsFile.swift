package import ByteFormats
package import MaskModel
package import SystemPackage

/// An open safetensors file whose header has been checked.
///
/// Source: the format section of https://github.com/huggingface/safetensors.
package struct SafetensorsFile: Sendable {
  /// One tensor as the header has it; offsets count from the start of the data.
  package struct Entry: Sendable {
    package let name: String
    package let type: StoredType
    package let shape: TensorShape
    package let range: Range<Int>
  }

  package let file: ReadableFile
  /// Where the data begin, after the header.
  package let dataOffset: Int
  /// The tensors in the order of their bytes.
  package let entries: [Entry]
  /// The texts that the header has beside the tensors.
  package let metadata: [String: String]

  /// Opens the file at `path` and checks it in the order of distrust.
  package init(at path: FilePath) throws(CheckpointError) {
    do throws(FileError) {
      file = try ReadableFile(at: path)
    } catch {
      throw CheckpointError(error)
    }
    do throws(Failure) {
      let header = try Self.header(of: file)
      dataOffset = 8 + header.count
      (entries, metadata) = try Self.contents(of: header, dataSize: file.size - dataOffset)
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
