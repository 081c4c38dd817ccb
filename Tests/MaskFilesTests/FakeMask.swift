import MaskModel

/// A mask in memory.
struct FakeMask: MaskReader {
  let layout: ModelLayout
  private let bits: [String: Bits]
  /// What is added to every count, to lie.
  var miscount = 0

  init(_ tensors: [(name: String, shape: [Int], bits: Bits)]) {
    layout = ModelLayout(
      tensors.map { TensorLayout(name: $0.name, shape: shape($0.shape)) }
    )
    bits = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.bits) })
  }

  /// A mask of one vector.
  init(_ bits: Bits) { self.init([("weight", [bits.count], bits)]) }

  func bits(tensor: Int) -> Bits { bits[layout.tensors[tensor].name] ?? Bits(count: 0) }

  func count(tensor: Int) -> Int { bits(tensor: tensor).setCount + miscount }

  func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    words.clear(words: SegmentGrid.words)
    let source = bits(tensor: tensor).words
    let first = index * SegmentGrid.words
    var target = words.mutableSpan
    var count = 0
    for place in 0..<min(SegmentGrid.words, source.count - first) {
      target[place] = source[first + place]
      count += source[first + place].nonzeroBitCount
    }
    return count
  }
}

/// A mask of one vector of any length with few bits set.
struct SparseMask: MaskReader {
  let layout: ModelLayout
  let positions: [Int]

  init(count: Int, setting positions: [Int]) {
    layout = ModelLayout([TensorLayout(name: "weight", shape: shape([count]))])
    self.positions = positions
  }

  func count(tensor: Int) -> Int { positions.count }

  func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    words.clear(words: SegmentGrid.words)
    let range = SegmentGrid.range(index, positions: layout.tensors[tensor].shape.count)
    let inside = positions.filter(range.contains)
    for position in inside { words.insert(position - range.lowerBound) }
    return inside.count
  }
}

/// A mask during whose reading something happens.
struct MeddledMask: MaskReader {
  let base: FakeMask
  let meddle: @Sendable () -> Void

  var layout: ModelLayout { base.layout }

  func count(tensor: Int) -> Int { base.count(tensor: tensor) }

  func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    meddle()
    return try base.read(tensor: tensor, segment: index, into: &words, using: context)
  }
}

/// The shape of `dimensions`, whose product must fit.
func shape(_ dimensions: [Int]) -> TensorShape {
  guard let shape = TensorShape(dimensions) else { preconditionFailure("no shape: \(dimensions)") }
  return shape
}
