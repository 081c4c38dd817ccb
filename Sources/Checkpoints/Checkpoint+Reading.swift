internal import ByteFormats
internal import MaskModel

extension Checkpoint {
  /// Fills `buffer` with the stored bytes of `elements` of `tensor`, least significant byte first.
  ///
  /// The range lies within the tensor, begins and ends at whole bytes, and fills the buffer
  /// exactly. Throws `.changedWhileReading` where the file was cut short since it was opened.
  public func read(
    _ tensor: StoredTensor,
    elements: Range<Int>,
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    let range = Self.bytes(of: elements, in: tensor)
    precondition(buffer.count == range.count, "the buffer is not as long as the elements")
    do throws(FileError) {
      try unsafe files[tensor.fileIndex].read(into: buffer, at: range.lowerBound)
    } catch {
      throw CheckpointError(error)
    }
  }

  /// The stored bytes of `elements` of `tensor`, or of all of it.
  public func bytes(
    of tensor: StoredTensor,
    elements: Range<Int>? = nil
  ) throws(CheckpointError) -> [UInt8] {
    let range = Self.bytes(of: elements ?? 0..<tensor.shape.count, in: tensor)
    do throws(FileError) {
      return try files[tensor.fileIndex].bytes(range)
    } catch {
      throw CheckpointError(error)
    }
  }

  /// Throws `.changedWhileReading` if a file of weights was written to since it was opened.
  ///
  /// Overwriting in place keeps the length, so reading alone does not notice it; ask after the
  /// last read. Compares length and modification time.
  ///
  /// The corresponding C function is `fstat`.
  public func checkUnchanged() throws(CheckpointError) {
    for file in files {
      let status: FileStatus
      do throws(FileError) {
        status = try file.currentStatus()
      } catch {
        throw CheckpointError(error)
      }
      if status.size != file.size || status.modified != file.modified {
        throw CheckpointError(.changed, path: file.path)
      }
    }
  }

  /// Where `elements` of `tensor` are in its file.
  private static func bytes(of elements: Range<Int>, in tensor: StoredTensor) -> Range<Int> {
    let width = tensor.type.bitWidth
    let isInside = elements.lowerBound >= 0 && elements.upperBound <= tensor.shape.count
    precondition(isInside, "elements outside the tensor")
    let (begin, end) = (elements.lowerBound * width, elements.upperBound * width)
    precondition(begin % 8 == 0 && end % 8 == 0, "elements that do not fill whole bytes")
    return tensor.offset + begin / 8..<tensor.offset + end / 8
  }
}
