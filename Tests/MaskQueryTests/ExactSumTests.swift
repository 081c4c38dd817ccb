import TestSupport
import Testing

import MaskQuery

@Suite struct ExactSumTests {
  @Test(arguments: [3, 7, 1_000_003, (1 << 53) - 111, 1 << 53, (1 << 61) - 1])
  func `fractions that add up to a whole number are that number`(n: Int) {
    var sum = ExactSum()
    for _ in 0..<500 {
      sum.add(n - 1, times: 1, over: n)
      sum.add(1, times: 1, over: n)
    }
    #expect(sum.subtracted(from: 500) == 0 && sum.value == 500)
  }

  @Test func `what is left after a large whole part keeps its digits`() {
    var sum = ExactSum()
    sum.add(1 << 60, times: 3, over: 7)
    // 3 2^60 = 7 q + 3, for 2^60 = (2^3)^20 is 1 modulo 7.
    let quotient = (3 * Int128(1 << 60) - 3) / 7
    #expect(agree(-sum.subtracted(from: quotient), 3.0 / 7, tolerance: 1e-15))
  }

  @Test func `products beyond 128 bits are divided whole`() {
    var sum = ExactSum()
    let large: UInt128 = 1 << 80
    sum.add(3 * large, times: large, over: large << 40)
    sum.add(large + 1, times: large, over: large << 40)
    #expect(sum.value == 0x1p42)
    #expect(sum.subtracted(from: 1 << 42) == -0x1p-40)
  }

  @Test func `128-bit numbers become doubles as the standard library has them`() {
    var generator = SeededGenerator(seed: 3)
    for shift in 0..<127 {
      let number = Int128(truncatingIfNeeded: UInt128.random(in: .min ... .max, using: &generator))
      let part = number >> Int128(shift)
      #expect(real(part) == Double(part))
    }
    #expect(real(0) == 0 && real(.max) == 0x1p127 && real(.min) == -0x1p127)
  }

  @Test func `small terms are not lost beside large ones`() {
    var sum = CompensatedSum()
    for term in [1, 1e100, 1, -1e100] { sum.add(term) }
    #expect(sum.value == 2)
  }
}
