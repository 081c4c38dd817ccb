import CMaskKernels

/// Weights of the size that models have, and the same again, two in three moved by a step or a hair.
enum Checkpoints {
  static func made(of dtype: mk_dtype, count: Int) -> (base: [UInt8], tuned: [UInt8]) {
    var random = Random(5)
    var base: [UInt64] = []
    var tuned: [UInt64] = []
    for i in 0..<count {
      let weight = Float(Int64(bitPattern: random.next()) >> 32) * 0x1p-35
      let step = Float(Int64(bitPattern: random.next()) >> 32) * 0x1p-47
      base.append(UInt64(weight.bitPattern))
      tuned.append(UInt64((i % 3 == 0 ? weight : weight + step).bitPattern))
    }
    return (stored(base, as: dtype), stored(tuned, as: dtype))
  }

  private static func stored(_ patterns: [UInt64], as dtype: mk_dtype) -> [UInt8] {
    Kernel.scalar.convertedBytes(
      MK_FP32.packed(patterns),
      from: MK_FP32,
      to: dtype,
      count: patterns.count
    )
  }
}
