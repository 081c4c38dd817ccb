import CMaskKernels
import Testing

/// What decides and counts in one pass, and what counts by the difference, against the two in turn.
@Suite struct CountedTests {
  @Test(arguments: Kernel.fast, dtypes)
  func `every kernel decides and counts as in two passes`(kernel: Kernel, dtype: mk_dtype) {
    let (base, tuned) = Checkpoints.made(of: dtype, count: 20_000)
    for rule in [MK_PAPER, MK_BITWISE, MK_NUMERIC, MK_ABSOLUTE, MK_RELATIVE, MK_ULP] {
      for count in [0, 1, 63, 64, 4096, 5003, 20_000] {
        let bits = Kernel.scalar.changed(rule, dtype, 1e-5, base, tuned, count: count)
        let set = Kernel.scalar.exponents(dtype, base, at: bits, count: count)
        let all = Kernel.scalar.exponents(dtype, base, at: nil, count: count)
        var mine = [UInt64](repeating: 0x5A, count: (count + 63) / 64 + 1)
        var mineAll = [UInt64](repeating: 0, count: 256)
        var (mineSet, mineAlone) = (mineAll, mineAll)
        Bytes(base, offset: 1).withPointer { base in
          Bytes(tuned, offset: 3).withPointer { tuned in
            let decide = kernel.table.changed_counts!
            decide(rule, dtype, 1e-5, base, tuned, count, &mine, &mineAll, &mineSet)
            #expect(mine.removeLast() == 0x5A)
            #expect(mine == bits)
            decide(rule, dtype, 1e-5, base, tuned, count, &mine, nil, &mineAlone)
          }
        }
        #expect([mineAll, mineSet, mineAlone] == [all, set, set])
      }
    }
  }

  @Test(arguments: Kernel.fast, dtypes)
  func `every kernel counts by the difference what it counts alone`(
    kernel: Kernel,
    dtype: mk_dtype
  ) {
    var random = Random(8)
    let values = Checkpoints.made(of: dtype, count: 10_000).base
    let bits = random.bits(10_000, percent: 20)
    for percent: UInt64 in [0, 1, 5, 40, 100] {
      let other = zip(bits, random.bits(10_000, percent: percent)).map { $0 ^ $1 }
      let known = Kernel.scalar.exponents(dtype, values, at: other, count: 10_000)
      var mine = [UInt64](repeating: 0, count: 256)
      kernel.table.exponent_counts_after(dtype, values, bits, other, known, 10_000, &mine)
      #expect(mine == Kernel.scalar.exponents(dtype, values, at: bits, count: 10_000))
    }
  }
}
