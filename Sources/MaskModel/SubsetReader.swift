/// Some tensors of a mask as a mask of their own.
public struct SubsetReader<Whole: SegmentReader>: SegmentReader {
  /// The tensors, in the order of the whole's layout.
  public let layout: ModelLayout
  private let whole: Whole
  private let tensors: [Int]

  /// The tensors of `whole` at the places `tensors`, in ascending order.
  public init(_ whole: Whole, tensors: [Int]) {
    self.whole = whole
    self.tensors = tensors
    layout = ModelLayout(tensors.map { whole.layout.tensors[$0] })
  }

  /// Fills `words` with a segment.
  public func read(tensor: Int, segment index: Int, into words: inout WordBuffer) throws -> Int {
    try whole.read(tensor: tensors[tensor], segment: index, into: &words)
  }

  /// The same, with the cache that the whole may use.
  public func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    sharing cache: ReferenceCache
  ) throws -> Int {
    try whole.read(tensor: tensors[tensor], segment: index, into: &words, sharing: cache)
  }
}

extension SubsetReader: MaskReader where Whole: MaskReader {
  /// The positions of tensor `tensor`.
  public func count(tensor: Int) -> Int { whole.count(tensor: tensors[tensor]) }
}

/// A reader with the counts that a pass over its bits found.
public struct CountedReader: MaskReader {
  private let reader: any SegmentReader
  private let counts: [Int]

  /// `reader`, of which tensor t has `counts[t]` positions.
  public init(_ reader: any SegmentReader, counts: [Int]) {
    self.reader = reader
    self.counts = counts
  }

  /// The coordinate system.
  public var layout: ModelLayout { reader.layout }

  /// The positions of tensor `tensor`.
  public func count(tensor: Int) -> Int { counts[tensor] }

  /// Fills `words` with a segment.
  public func read(tensor: Int, segment index: Int, into words: inout WordBuffer) throws -> Int {
    try reader.read(tensor: tensor, segment: index, into: &words)
  }

  /// The same, with the cache that the reader may use.
  public func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    sharing cache: ReferenceCache
  ) throws -> Int {
    try reader.read(tensor: tensor, segment: index, into: &words, sharing: cache)
  }
}
