import TestSupport
import MaskModel
import Synchronization
import Testing

/// Masks of an expression against sets of positions.
struct FormulaMaskTests {
  private static let layout = ModelLayout(
    [("a", [5]), ("b", [SegmentGrid.length / 64 + 3, 64]), ("c", [0, 7]), ("d", [9, 13])]
      .compactMap { name, dimensions in
        TensorShape(dimensions).map { TensorLayout(name: name, shape: $0) }
      }
  )
  private static let compared = [5, SegmentGrid.length + 64, 0, 65]
  private let masks = (0..<5).map { SetMask(layout: Self.layout, seed: UInt64($0), count: 60) }

  /// Whether a position of `tensor` that these masks have is one of the formula.
  private func holds(_ formula: MaskFormula, _ tensor: Int, _ has: [Bool]) -> Bool {
    switch formula {
    case .operand(let place): return has[place]
    case .complement(let part): return !holds(part, tensor, has)
    case .joined(let join, let parts):
      let first = holds(parts[0], tensor, has)
      return parts.dropFirst().reduce(first) { left, part in
        let right = holds(part, tensor, has)
        return switch join {
        case .union: left || right
        case .difference: left != right
        case .intersection: left && right
        case .subtraction: left && !right
        }
      }
    case .tally(let tally, let count, let parts):
      let found = parts.count { holds($0, tensor, has) }
      return tally == .exactly ? found == count : found >= count
    case .only(let part, let tensors): return tensors[tensor] && holds(part, tensor, has)
    }
  }

  /// Holds the mask of `formula` against the masks' sets: position by position where any mask has one,
  /// and by number where none has.
  private func check(_ formula: MaskFormula) throws {
    let mask = FormulaMask(
      formula,
      of: masks,
      over: Self.layout,
      compared: Self.compared
    )
    let context = ReadContext()
    for (tensor, shape) in Self.layout.tensors.map(\.shape).enumerated() {
      let sets = masks.map(\.positions[tensor])
      let some = sets.reduce(Set()) { $0.union($1) }.filter { $0 < Self.compared[tensor] }
      let inSome = some.filter { position in
        holds(formula, tensor, sets.map { $0.contains(position) })
      }
      let isElsewhere = holds(formula, tensor, [Bool](repeating: false, count: masks.count))
      let elsewhere = isElsewhere ? Self.compared[tensor] - some.count : 0
      var found = 0
      for segment in 0..<SegmentGrid.count(positions: shape.count) {
        var words = WordBuffer()
        let count = try mask.read(tensor: tensor, segment: segment, into: &words, using: context)
        #expect(count == Kernels.count(words.span))
        found += count
        let range = SegmentGrid.range(segment, positions: shape.count)
        for position in some where range.contains(position) {
          #expect(words.contains(position - range.lowerBound) == inSome.contains(position))
        }
      }
      #expect(found == inSome.count + elsewhere, "\(formula) in tensor \(tensor)")
    }
  }

  @Test func `every operator is that of sets, on every tensor and segment`() throws {
    let operands = (0..<5).map { MaskFormula.operand($0) }
    for join in MaskExpression.Join.allCases {
      try check(.joined(join, Array(operands.prefix(2))))
      try check(.joined(join, operands))
    }
    try check(.operand(3))
    try check(.only(operands[1], tensors: [true, false, true, true]))
  }

  @Test(arguments: MaskExpression.Tally.allCases)
  func `k of n counts masks`(tally: MaskExpression.Tally) throws {
    let operands = [0, 1, 2, 3, 4, 4, 4].map { MaskFormula.operand($0) }
    for count in 1...7 { try check(.tally(tally, count: count, operands)) }
  }

  @Test func `complements stay in the domain, and formulas nest`() throws {
    let operands = (0..<5).map { MaskFormula.operand($0) }
    try check(.complement(operands[0]))
    try check(.tally(.exactly, count: 0, Array(operands[..<3])))
    try check(.complement(.complement(.joined(.union, [operands[1], .complement(operands[2])]))))
    let inner = MaskFormula.tally(.atLeast, count: 2, Array(operands[1...]))
    try check(.tally(.exactly, count: 1, [inner, .joined(.subtraction, [operands[0], inner])]))
  }

  @Test func `every reader over others hands the context on`() throws {
    let probes = (0..<3).map { _ in ContextProbe(layout: Self.layout) }
    let formula = MaskFormula.joined(.union, [.operand(0), .complement(.operand(1)), .operand(2)])
    let mask = FormulaMask(formula, of: probes, over: Self.layout, compared: Self.compared)
    let counted = CountedReader(mask, counts: [0, 0, 0, 0])
    var words = WordBuffer()
    let context = ReadContext()
    _ = try counted.slice(1..<4).slice(0..<1).read(
      tensor: 0,
      segment: 1,
      into: &words,
      using: context
    )
    #expect(probes.allSatisfy { $0.contexts == [ObjectIdentifier(context)] && $0.tensors == [1] })
  }

  @Test(arguments: [0..<0, 0..<1, 1..<4, 0..<4])
  func `a slice is the mask in some of its tensors`(tensors: Range<Int>) throws {
    let mask = masks[0]
    let slice = mask.slice(tensors)
    #expect(slice.layout.tensors == Array(Self.layout.tensors[tensors]))
    for (place, tensor) in tensors.enumerated() {
      #expect(slice.count(tensor: place) == mask.count(tensor: tensor))
      var words = WordBuffer()
      let shape = Self.layout.tensors[tensor].shape
      for segment in 0..<SegmentGrid.count(positions: shape.count) {
        _ = try slice.read(tensor: place, segment: segment, into: &words, using: ReadContext())
        let range = SegmentGrid.range(segment, positions: shape.count)
        let found = Set(range.filter { words.contains($0 - range.lowerBound) })
        #expect(found == mask.positions[tensor].filter(range.contains))
      }
    }
  }
}

/// An empty mask that notes which context it was given.
private final class ContextProbe: SegmentReader {
  let layout: ModelLayout
  private let seen = Mutex<[(tensor: Int, context: ObjectIdentifier)]>([])

  init(layout: ModelLayout) { self.layout = layout }

  var contexts: [ObjectIdentifier] { seen.withLock { $0.map(\.context) } }
  var tensors: [Int] { seen.withLock { $0.map(\.tensor) } }

  func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    seen.withLock { $0.append((tensor, ObjectIdentifier(context))) }
    words.clear(from: 0)
    return 0
  }
}

/// Places that are scattered, and clustered at the ends of tensors, segments and domains.
struct SetMask: MaskReader {
  let layout: ModelLayout
  let positions: [Set<Int>]

  init(layout: ModelLayout, seed: UInt64, count: Int) {
    self.layout = layout
    var random = SeededGenerator(seed: seed)
    positions = layout.tensors.map { tensor in
      let size = tensor.shape.count
      guard size > 0 else { return [] }
      let near = (0..<count).map { _ in Int.random(in: 0..<min(size, 90), using: &random) }
      let edges = [SegmentGrid.length, SegmentGrid.length + 64, size].flatMap { edge in
        (0..<count / 2).map { _ in edge + Int.random(in: -40..<40, using: &random) }
      }
      return Set((near + edges).filter { (0..<size).contains($0) })
    }
  }

  func count(tensor: Int) -> Int { positions[tensor].count }

  func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    words.clear(from: 0)
    let range = SegmentGrid.range(index, positions: layout.tensors[tensor].shape.count)
    let inside = positions[tensor].filter(range.contains)
    for position in inside { words.insert(position - range.lowerBound) }
    return inside.count
  }
}
