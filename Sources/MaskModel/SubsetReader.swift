/// Some tensors of a mask as a mask of their own, under their names or others.
public struct SubsetReader: MaskReader {
  /// The tensors, in natural order of their names here.
  public let layout: ModelLayout
  private let whole: any MaskReader
  private let ordinals: [Int]

  /// The tensors of `whole` at the places `tensors`, in ascending order.
  public init(_ whole: any MaskReader, tensors: [Int]) {
    self.whole = whole
    ordinals = tensors
    layout = ModelLayout(tensors.map { whole.layout.tensors[$0] })
  }

  /// The tensors of `whole` to which `rename` gives a name; no two may get the same.
  public init(_ whole: any MaskReader, rename: (TensorLayout) -> String?) {
    var places: [String: Int] = [:]
    var tensors: [TensorLayout] = []
    for (ordinal, tensor) in whole.layout.tensors.enumerated() {
      guard let name = rename(tensor) else { continue }
      precondition(places.updateValue(ordinal, forKey: name) == nil, "two tensors of one name")
      tensors.append(TensorLayout(name: name, shape: tensor.shape))
    }
    self.whole = whole
    layout = ModelLayout(tensors)
    ordinals = layout.tensors.compactMap { places[$0.name] }
  }

  /// The positions of tensor `tensor`.
  public func count(tensor: Int) -> Int { whole.count(tensor: ordinals[tensor]) }

  /// Fills `words` with a segment.
  public func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    try whole.read(tensor: ordinals[tensor], segment: index, into: &words, using: context)
  }
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
  public func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    try reader.read(tensor: tensor, segment: index, into: &words, using: context)
  }
}
