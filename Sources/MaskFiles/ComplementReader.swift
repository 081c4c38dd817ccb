internal import MaskModel

/// The positions that a mask has not, over all tensors whole.
struct ComplementReader<Base: MaskReader>: MaskReader {
  let base: Base

  var layout: ModelLayout { base.layout }

  func count(tensor: Int) -> Int { layout.tensors[tensor].shape.count - base.count(tensor: tensor) }

  func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    let count = try base.read(tensor: tensor, segment: index, into: &words, using: context)
    let positions = SegmentGrid.range(index, positions: layout.tensors[tensor].shape.count).count
    words.complement(positions: positions)
    return positions - count
  }
}

extension WordBuffer {
  /// Turns the first `positions` bits over and leaves the rest, which are zero, as they are.
  mutating func complement(positions: Int) {
    var words = mutableSpan
    for index in 0..<positions / 64 { words[index] = ~words[index] }
    if positions % 64 > 0 {
      words[positions / 64] ^= .max >> UInt64(64 - positions % 64)
    }
  }
}
