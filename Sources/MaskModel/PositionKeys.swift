/// A random number for every position of a layout, the same on every machine and in any order.
///
/// The number of the position with the flat index g, counted over all tensors in the order of the
/// layout from 0, is number g + 1 of a SplitMix64 generator. SplitMix64 maps states one to one, so that
/// no two positions have the same number.
struct PositionKeys: Sendable {
  private let seed: UInt64
  private let firsts: [Int]

  /// The numbers of the generator with `seed`.
  init(seed: UInt64, layout: ModelLayout) {
    self.seed = seed
    var firsts: [Int] = []
    var next = 0
    for tensor in layout.tensors {
      firsts.append(next)
      next += tensor.shape.count
    }
    self.firsts = firsts
  }

  /// Calls `body` with the place in `range` and the number of every position of `range` of a tensor.
  @inline(__always)
  func forEach(_ range: Range<Int>, of tensor: Int, _ body: (Int, UInt64) -> Void) {
    var state = seed &+ SplitMix64.gamma &* UInt64(firsts[tensor] + range.lowerBound)
    for place in 0..<range.count {
      state &+= SplitMix64.gamma
      body(place, SplitMix64.mixed(state))
    }
  }
}
