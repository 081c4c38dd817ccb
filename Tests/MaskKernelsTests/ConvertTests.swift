import CMaskKernels
import Testing

@Suite struct ConvertTests {
  @Test(arguments: Kernel.all, [MK_BF16, MK_FP16, MK_F8_E4M3, MK_F8_E5M2])
  func `every narrow value widens to fp32 exactly`(kernel: Kernel, dtype: mk_dtype) {
    let patterns = Array(0..<UInt64(1) << UInt64(8 * dtype.width))
    let wide = kernel.converted(dtype, patterns, to: MK_FP32, as: UInt32.self)
    let wrong = zip(patterns, wide).filter { pattern, bits in
      let value = Float(bitPattern: bits), expected = dtype.worth(pattern)
      if expected.isNaN { return !value.isNaN }
      return Double(value) != expected || (value.sign == .minus) != (expected.sign == .minus)
    }
    #expect(wrong.isEmpty)
  }

  @Test(arguments: Kernel.all)
  func `a NaN keeps its sign and payload when widened`(kernel: Kernel) {
    let fp16 = kernel.converted(MK_FP16, [0x7C01, 0xFE37], to: MK_FP32, as: UInt32.self)
    #expect(fp16 == [0x7FC0_2000, 0xFFC6_E000])
    let bf16 = kernel.converted(MK_BF16, [0x7F81, 0xFFC3], to: MK_FP32, as: UInt32.self)
    #expect(bf16 == [0x7F81_0000, 0xFFC3_0000])
    let double = kernel.converted(MK_FP32, [0x7F81_0000], to: MK_FP64, as: UInt64.self)
    #expect(double == [0x7FF8_2000_0000_0000])
    let e4m3 = kernel.converted(MK_F8_E4M3, [0x7F, 0xFF], to: MK_FP32, as: UInt32.self)
    #expect(e4m3 == [0x7FF0_0000, 0xFFF0_0000])
    let e5m2 = kernel.converted(MK_F8_E5M2, [0x7D, 0xFE], to: MK_FP32, as: UInt32.self)
    #expect(e5m2 == [0x7FE0_0000, 0xFFC0_0000])
  }

  @Test(arguments: Kernel.all)
  func `a NaN becomes the one of PyTorch in bf16 and a quiet one in fp16`(kernel: Kernel) {
    let nans: [UInt64] = [0x7F80_0001, 0xFF80_0001, 0x7FC0_0000, 0xFFFF_FFFF]
    let bf16 = kernel.converted(MK_FP32, nans, to: MK_BF16, as: UInt16.self)
    #expect(bf16 == [0x7FC0, 0x7FC0, 0x7FC0, 0x7FC0])
    let fp16 = kernel.converted(MK_FP32, nans, to: MK_FP16, as: UInt16.self)
    #expect(fp16 == [0x7E00, 0xFE00, 0x7E00, 0xFE00])
  }

  /// Every sign and exponent, with mantissas on, below and above ties.
  static let samples: [UInt64] = stride(from: UInt64(0), to: 0x1_0000, by: 3).flatMap { high in
    [0, 1, 0x0FFF, 0x1000, 0x1001, 0x7FFF, 0x8000, 0x8001, 0xFFFF].map { high << 16 | $0 }
  }

  @Test(arguments: Kernel.all, [MK_BF16, MK_FP16])
  func `fp32 narrows to the nearest, ties to even`(kernel: Kernel, dtype: mk_dtype) {
    let narrow = kernel.converted(MK_FP32, Self.samples, to: dtype, as: UInt16.self)
    let wrong = zip(Self.samples, narrow).filter { pattern, bits in
      let expected = rounded(MK_FP32.worth(pattern), to: dtype), value = dtype.worth(UInt64(bits))
      if expected.isNaN { return !value.isNaN }
      return value != expected || (value.sign == .minus) != (expected.sign == .minus)
    }
    #expect(wrong.isEmpty)
  }

  @Test(arguments: Kernel.all)
  func `fp64 narrows to fp32, and to 16 bits by way of it`(kernel: Kernel) {
    var random = Random(1)
    // Just above a tie of bf16, but rounding to the tie in fp32: 1 + 2^-8 + 2^-40.
    let patterns = [0x3FF0_1000_0000_1000] + MK_FP64.specials + random.words(1000)
    for (dtype, type) in [(MK_BF16, 2), (MK_FP16, 2), (MK_FP32, 4)] {
      let narrow =
        type == 2
        ? kernel.converted(MK_FP64, patterns, to: dtype, as: UInt16.self).map(UInt64.init)
        : kernel.converted(MK_FP64, patterns, to: dtype, as: UInt32.self).map(UInt64.init)
      for (pattern, bits) in zip(patterns, narrow) {
        let expected = rounded(MK_FP64.worth(pattern), to: dtype), value = dtype.worth(bits)
        #expect(value == expected || (value.isNaN && expected.isNaN))
      }
    }
  }

  @Test(arguments: Kernel.fast, [MK_BF16, MK_FP16, MK_FP32, MK_FP64, MK_F8_E4M3, MK_F8_E5M2])
  func `every kernel converts as scalar does, at any length and alignment`(
    kernel: Kernel,
    from: mk_dtype
  ) {
    var random = Random(2)
    let all = from.specials + random.words(65536)
    for count in lengths {
      let values = from.packed(Array(all.prefix(count)))
      for to in dtypes {
        let mine = kernel.convertedBytes(
          values,
          from: from,
          to: to,
          count: count,
          offset: count % 4
        )
        let model = Kernel.scalar.convertedBytes(values, from: from, to: to, count: count)
        #expect(mine == model, "\(count) to \(to.name)")
      }
    }
  }

  @Test(arguments: Kernel.all)
  func `equal types copy the bits`(kernel: Kernel) {
    for dtype in dtypes {
      let values = dtype.packed(dtype.specials)
      let count = dtype.specials.count
      #expect(kernel.convertedBytes(values, from: dtype, to: dtype, count: count) == values)
    }
  }

  @Test(arguments: Kernel.all)
  func `scaling multiplies every value in fp32`(kernel: Kernel) {
    var random = Random(3)
    for count in lengths {
      let values = (0..<count).map { _ in Float.random(in: -1000...1000, using: &random) }
      var scaled = values + [42]
      kernel.table.scale(&scaled, count, 0.3)
      #expect(scaled == values.map { $0 * 0.3 } + [42])
    }
  }
}
