/// What a permutation test says.
public struct PermutationResult: Sendable, Hashable {
  /// The arrangements there are, the observed one among them; infinite beyond 10^308.
  public let arrangements: Double
  /// Those tried, the observed one among them, whose statistic is at least the observed one.
  public let reached: Int
  /// Those tried: all of them, or those drawn and the observed one.
  public let tried: Int
  /// The seed that they were drawn with; nil where all were tried.
  public let seed: UInt64?

  init(arrangements: Double, reached: Int, of tried: Int, seed: UInt64? = nil) {
    self.arrangements = arrangements
    self.reached = reached
    self.tried = tried
    self.seed = seed
  }

  /// Whether all arrangements were tried.
  public var isExact: Bool { seed == nil }

  /// reached / tried, one-sided.
  public var p: Double { Double(reached) / Double(tried) }

  /// 1 / tried: no data can make p smaller.
  public var smallestP: Double { 1 / Double(tried) }

  /// Whether p could be .05 or less at all: it takes 20 arrangements.
  public var canReach05: Bool { tried >= 20 }
}
