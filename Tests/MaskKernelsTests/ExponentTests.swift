import CMaskKernels
import Testing

@Suite struct ExponentTests {
  @Test(arguments: dtypes)
  func `scalar counts the exponent field of fp32`(dtype: mk_dtype) {
    var random = Random(6)
    let mask: UInt64 = dtype.width == 8 ? .max : 1 << UInt64(8 * dtype.width) - 1
    let patterns = dtype.specials + random.words(4000).map { $0 & mask }
    let marked = random.bits(patterns.count, percent: 30)
    var expected = [UInt64](repeating: 0, count: 256)
    var expectedMarked = expected
    for (i, pattern) in patterns.enumerated() {
      let exponent = Int(Float(dtype.worth(pattern)).bitPattern >> 23 & 0xFF)
      expected[exponent] += 1
      if marked.contains(bit: i) { expectedMarked[exponent] += 1 }
    }
    let values = dtype.packed(patterns)
    #expect(Kernel.scalar.exponents(dtype, values, at: nil, count: patterns.count) == expected)
    #expect(
      Kernel.scalar.exponents(dtype, values, at: marked, count: patterns.count) == expectedMarked
    )
    let both = Kernel.scalar.bothExponents(dtype, values, at: marked, count: patterns.count)
    #expect(both == expected + expectedMarked)
  }

  @Test(arguments: Kernel.fast, dtypes + [MK_F8_E4M3, MK_F8_E5M2])
  func `every kernel counts exponents as scalar does`(kernel: Kernel, dtype: mk_dtype) {
    var random = Random(7)
    // Weights, whose exponents are few, then noise, whose exponents are all.
    let weights = Checkpoints.made(of: MK_FP32, count: 40000).base
    let calm = Self.narrowed(weights, count: 40000, to: dtype)
    let values = calm + dtype.packed(random.words(65536 - 40000))
    for percent: UInt64 in [0, 1, 5, 30, 60, 99, 100] {
      let bits = random.bits(65536, percent: percent)
      for count in lengths {
        let offset = count % 4
        let mine = kernel.exponents(dtype, values, at: bits, count: count, offset: offset)
        let set = Kernel.scalar.exponents(dtype, values, at: bits, count: count)
        #expect(mine == set)
        let both = kernel.bothExponents(dtype, values, at: bits, count: count, offset: offset)
        let all = Kernel.scalar.exponents(dtype, values, at: nil, count: count)
        #expect(both == all + set)
      }
    }
    for count in lengths {
      let mine = kernel.exponents(dtype, values, at: nil, count: count, offset: 1)
      #expect(mine == Kernel.scalar.exponents(dtype, values, at: nil, count: count))
    }
  }

  /// fp32 weights in `dtype`; fp8 has no narrowing and takes the upper byte of their fp16.
  private static func narrowed(_ weights: [UInt8], count: Int, to dtype: mk_dtype) -> [UInt8] {
    guard dtype.width == 1 else {
      return Kernel.scalar.convertedBytes(weights, from: MK_FP32, to: dtype, count: count)
    }
    let fp16 = Kernel.scalar.convertedBytes(weights, from: MK_FP32, to: MK_FP16, count: count)
    return (0..<count).map { fp16[2 * $0 + 1] }
  }
}
