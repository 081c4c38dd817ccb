/// Something that gives the bits of one mask, segment by segment: a mask of the catalog, a file of
/// another program, an expression over several masks.
public protocol SegmentReader: Sendable {
  /// The coordinate system.
  var layout: ModelLayout { get }

  /// Fills `words` with segment `index` of tensor `tensor`, zeros past its last position.
  ///
  /// - Parameters:
  ///   - tensor: the place in the layout.
  ///   - index: the segment of the tensor.
  ///   - words: at least `SegmentGrid.words` long.
  ///   - context: what the task keeps from one segment to the next, the same for all masks it reads.
  /// - Returns: the set bits of the segment.
  /// - Throws: where the segment cannot be read or fails its checksum.
  func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int
}

/// A reader that knows how many bits are set before it reads them.
public protocol MaskReader: SegmentReader {
  /// The changed positions of tensor `tensor` of the layout.
  func count(tensor: Int) -> Int

  /// The consecutive tensors `tensors` of the layout as a mask of their own.
  func slice(_ tensors: Range<Int>) -> any MaskReader
}

extension MaskReader {
  /// A reader that reads through this one.
  public func slice(_ tensors: Range<Int>) -> any MaskReader {
    SubsetReader(self, tensors: Array(tensors))
  }
}
