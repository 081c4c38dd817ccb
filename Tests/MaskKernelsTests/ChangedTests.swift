import CMaskKernels
import Testing

/// The rule of the header for one pair of patterns.
private func isChanged(
  _ rule: mk_rule,
  _ dtype: mk_dtype,
  _ threshold: Double,
  _ base: UInt64,
  _ tuned: UInt64
) -> Bool {
  let a = dtype.worth(base), b = dtype.worth(tuned)
  let isDouble = dtype == MK_FP64
  let difference = isDouble ? b - a : Double(Float(b) - Float(a))
  switch rule {
  case MK_PAPER: return !(abs(rounded(difference, to: dtype)) <= rounded(threshold, to: dtype))
  case MK_BITWISE: return base != tuned
  case MK_NUMERIC: return a != b
  default: break
  }
  guard a.isFinite, b.isFinite else { return base != tuned }
  switch rule {
  case MK_ABSOLUTE: return abs(difference) > (isDouble ? threshold : Double(Float(threshold)))
  case MK_RELATIVE:
    let most = max(abs(a), abs(b))
    return abs(difference) > (isDouble ? threshold * most : Double(Float(threshold) * Float(most)))
  default:
    let x = place(base, dtype), y = place(tuned, dtype)
    return threshold < 0x1p127 && Double((x - y).magnitude) > threshold
  }
}

/// The ordered integer of a pattern; 128 bits, so that no distance overflows.
private func place(_ bits: UInt64, _ dtype: mk_dtype) -> Int128 {
  let sign: UInt64 = 1 << UInt64(8 * dtype.width - 1)
  let magnitude = Int128(bits & (sign - 1))
  return bits & sign == 0 ? magnitude : -magnitude
}

/// Thresholds where something happens: zero, subnormal, the paper's, ties, huge, infinite, below zero.
private func thresholds(_ rule: mk_rule) -> [Double] {
  switch rule {
  case MK_BITWISE, MK_NUMERIC: [0]
  case MK_ULP:
    [
      0, 0.5, 1, 2, 100, 32767, 65278, 65535, 65536, 4_278_190_078, 0x1p32, 0x1p62, 0x1p64,
      .infinity,
    ]
  default:
    [0, -0.0, 1e-45, 1e-41, 3e-8, 6.5e-6, 1e-5, 1.00136e-5, 1e-3, 0.5, 1, 65504, 3.4e38, 1e39]
      + [.infinity, -1e-60, -1, .nan]
  }
}

@Suite struct ChangedTests {
  @Test(arguments: rules, dtypes)
  func `scalar follows the rule on special values and thresholds`(rule: mk_rule, dtype: mk_dtype) {
    var random = Random(4)
    let mask: UInt64 = dtype.width == 8 ? .max : 1 << UInt64(8 * dtype.width) - 1
    let patterns = dtype.specials + random.words(20).map { $0 & mask }
    let pairs = patterns.flatMap { a in patterns.map { (a, $0) } }
    let base = dtype.packed(pairs.map(\.0)), tuned = dtype.packed(pairs.map(\.1))
    for threshold in thresholds(rule) {
      let bits = Kernel.scalar.changed(rule, dtype, threshold, base, tuned, count: pairs.count)
      let wrong = pairs.indices.filter {
        bits.contains(bit: $0) != isChanged(rule, dtype, threshold, pairs[$0].0, pairs[$0].1)
      }
      #expect(wrong.isEmpty, "T = \(threshold)")
    }
  }

  @Test(arguments: Kernel.fast, rules)
  func `every kernel agrees with scalar on special values and thresholds`(
    kernel: Kernel,
    rule: mk_rule
  ) {
    for dtype in dtypes {
      let pairs = dtype.specials.flatMap { a in dtype.specials.map { (a, $0) } }
      let base = dtype.packed(pairs.map(\.0)), tuned = dtype.packed(pairs.map(\.1))
      for threshold in thresholds(rule) {
        let mine = kernel.changed(rule, dtype, threshold, base, tuned, count: pairs.count)
        let model = Kernel.scalar.changed(rule, dtype, threshold, base, tuned, count: pairs.count)
        #expect(mine == model, "\(dtype.name), T = \(threshold)")
      }
    }
  }

  @Test(arguments: [MK_BF16, MK_FP16], rules)
  func `every kernel agrees on a grid of all pairs of 16-bit values`(dtype: mk_dtype, rule: mk_rule)
  {
    let grid = Array(stride(from: UInt64(0), to: 0x1_0000, by: 311)) + dtype.specials
    let base = dtype.packed(grid.flatMap { a in grid.map { _ in a } })
    let tuned = dtype.packed(grid.flatMap { _ in grid })
    for threshold in [1e-5, 2] {
      let count = grid.count * grid.count
      let model = Kernel.scalar.changed(rule, dtype, threshold, base, tuned, count: count)
      for kernel in Kernel.fast {
        let mine = kernel.changed(rule, dtype, threshold, base, tuned, count: count)
        #expect(mine == model, "\(kernel.name)")
      }
    }
  }

  @Test(arguments: Kernel.fast, dtypes)
  func `every kernel agrees with scalar at any length and alignment`(
    kernel: Kernel,
    dtype: mk_dtype
  ) {
    let (base, tuned) = Checkpoints.made(of: dtype, count: 65536)
    for rule in rules {
      for count in lengths {
        let mine = kernel.changed(rule, dtype, 1e-5, base, tuned, count: count, offset: count % 3)
        let model = Kernel.scalar.changed(rule, dtype, 1e-5, base, tuned, count: count)
        #expect(mine == model, "rule \(rule.rawValue), \(count)")
      }
    }
  }

  @Test(arguments: Kernel.all, [MK_BF16, MK_FP16])
  func `a difference half a step above the threshold goes where rounding goes`(
    kernel: Kernel,
    dtype: mk_dtype
  ) {
    let infinity: UInt64 = dtype == MK_BF16 ? 0x7F80 : 0x7C00
    for pattern in stride(from: UInt64(4), to: infinity - 1, by: 29) {
      let threshold = dtype.worth(pattern)
      let half = (dtype.worth(pattern + 1) - threshold) / 2
      let narrow = kernel.converted(MK_FP64, [half.bitPattern], to: dtype, as: UInt16.self)[0]
      let base = [UInt64](repeating: UInt64(narrow), count: 4)
      let tuned = (0..<4).map { pattern - 1 + $0 }
      let bits = kernel.changed(
        MK_PAPER,
        dtype,
        threshold,
        dtype.packed(base),
        dtype.packed(tuned),
        count: 4
      )
      let expected = zip(base, tuned).map { isChanged(MK_PAPER, dtype, threshold, $0, $1) }
      #expect((0..<4).map(bits.contains(bit:)) == expected, "T = \(threshold)")
    }
  }

  @Test func `the bits past the last position are zero even where everything is changed`() {
    for kernel in Kernel.all {
      for dtype in dtypes {
        let zeros = [UInt8](repeating: 0, count: 100 * dtype.width)
        let bits = kernel.changed(MK_PAPER, dtype, -1, zeros, zeros, count: 100)
        #expect(bits == [.max, 1 << 36 - 1])
      }
    }
  }

  @Test func `the paper's threshold is 1,00136e-5 in bf16, and equality is unchanged`() {
    let threshold = kernelThreshold()
    #expect(Double(threshold) == 1.0013580322265625e-05)
    let values = MK_BF16.packed([0, 0, 0]), steps = MK_BF16.packed([0x3727, 0x3728, 0x3729])
    let bits = Kernel.scalar.changed(MK_PAPER, MK_BF16, 1e-5, values, steps, count: 3)
    #expect(bits == [0b100])
  }

  private func kernelThreshold() -> Float {
    let bits = UInt64((1e-5).bitPattern)
    let bf16 = Kernel.scalar.converted(MK_FP64, [bits], to: MK_BF16, as: UInt16.self)
    return Float(bitPattern: UInt32(bf16[0]) << 16)
  }
}
