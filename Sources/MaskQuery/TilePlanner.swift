internal import MaskModel

/// Decides, tensor by tensor, which pairs need bits and how they are counted.
struct TilePlanner {
  private let masks: [any MaskReader]
  private let wanted: [MaskPair]
  private let tensors: [TensorLayout]
  private var last: (pairs: [Int], plan: TilePlan)?
  /// What is known without bits: for each pair, its intersection in every tensor, else 0.
  private(set) var settled: [[Int]]

  init(masks: [any MaskReader], wanted: [MaskPair], tensors: [TensorLayout]) {
    self.masks = masks
    self.wanted = wanted
    self.tensors = tensors
    let none = [Int](repeating: 0, count: tensors.count)
    settled = [[Int]](repeating: none, count: wanted.count)
  }

  /// How tensor `tensor` is counted, nil where counts alone settle every pair.
  ///
  /// Most tensors need the same pairs, so the last plan is kept.
  mutating func plan(tensor: Int) -> TilePlan? {
    let open = wanted.indices.filter { !settle($0, tensor: tensor) }
    if open.isEmpty { return nil }
    if let last, last.pairs == open { return last.plan }
    let plan = TilePlan(open.map { (wanted[$0], $0) })
    last = (open, plan)
    return plan
  }

  /// Whether the counts of a tensor settle a pair: a mask with itself, with an empty or a full one.
  private mutating func settle(_ place: Int, tensor: Int) -> Bool {
    let pair = wanted[place]
    let (a, b) = (masks[pair.a].count(tensor: tensor), masks[pair.b].count(tensor: tensor))
    let full = tensors[tensor].shape.count
    let isSettled = pair.a == pair.b || a == 0 || b == 0 || a == full || b == full
    if isSettled { settled[place][tensor] = min(a, b) }
    return isSettled
  }
}
