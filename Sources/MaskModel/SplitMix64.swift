/// Random numbers that are the same on every machine: SplitMix64 (Steele, Lea and Flood 2014).
package struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  /// The numbers of `seed`.
  package init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state &+= Self.gamma
    return Self.mixed(state)
  }

  /// By how much the state grows with every number.
  package static let gamma: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The number of a state: a bijection, so that numbers of different states differ.
  @inline(__always)
  package static func mixed(_ state: UInt64) -> UInt64 {
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }

  /// A uniform number below `bound`, which must be above 0 (Lemire 2019).
  ///
  /// The standard library may change how it maps bits to a range; a seed must not change its meaning.
  package mutating func below(_ bound: Int) -> Int {
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }
}
