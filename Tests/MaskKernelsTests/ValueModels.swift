import CMaskKernels

// Plain Swift models of the value types, written from the header and not from the C.

let dtypes: [mk_dtype] = [MK_BF16, MK_FP16, MK_FP32, MK_FP64]
let rules: [mk_rule] = [MK_PAPER, MK_BITWISE, MK_NUMERIC, MK_ABSOLUTE, MK_RELATIVE, MK_ULP]

extension mk_dtype {
  var name: String {
    ["bf16", "fp16", "fp32", "fp64", "f8_e4m3", "f8_e5m2"][Int(rawValue)]
  }

  var width: Int { [2, 2, 4, 8, 1, 1][Int(rawValue)] }

  /// The patterns where something happens: zeros, subnormals, one, the largest, infinities, NaNs.
  var specials: [UInt64] {
    let positive: [UInt64] =
      switch self {
      case MK_BF16:
        [0, 1, 2, 0x7F, 0x80, 0x3727, 0x3728, 0x3F7F, 0x3F80, 0x7F7F, 0x7F80, 0x7F81, 0x7FC0]
      case MK_FP16: [0, 1, 2, 0x3FF, 0x400, 0x3BFF, 0x3C00, 0x7BFF, 0x7C00, 0x7C01, 0x7E00]
      case MK_FP32:
        [0, 1, 2, 0x7F_FFFF, 0x80_0000, 0x3727_C5AC, 0x3F7F_FFFF, 0x3F80_0000, 0x7F7F_FFFF]
          + [0x7F80_0000, 0x7F80_0001, 0x7FC0_0000]
      case MK_FP64:
        [0, 1, 2, 1 << 52 - 1, 1 << 52, 0x3EE4_F8B5_88E3_68F1, 0x3FF0_0000_0000_0000]
          + [0x7FEF_FFFF_FFFF_FFFF, 0x7FF0 << 48, 0x7FF0 << 48 + 1, 0x7FF8 << 48]
      default: [0, 1, 7, 8, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F]
      }
    return positive + positive.map { $0 | 1 << UInt64(8 * width - 1) }
  }

  /// `patterns` packed at this width.
  func packed(_ patterns: [UInt64]) -> [UInt8] {
    patterns.flatMap { pattern in
      (0..<width).map { UInt8(truncatingIfNeeded: pattern >> UInt64(8 * $0)) }
    }
  }

  /// What a pattern of this type is worth, exactly.
  func worth(_ bits: UInt64) -> Double {
    switch self {
    case MK_BF16: Double(Float(bitPattern: UInt32(bits) << 16))
    case MK_FP16: Double(Float16(bitPattern: UInt16(bits)))
    case MK_FP32: Double(Float(bitPattern: UInt32(bits)))
    case MK_FP64: Double(bitPattern: bits)
    case MK_F8_E4M3: small(bits, mantissa: 3, bias: 7)
    default: small(bits, mantissa: 2, bias: 15)
    }
  }

  private func small(_ bits: UInt64, mantissa: UInt64, bias: Int) -> Double {
    let sign: Double = bits & 0x80 == 0 ? 1 : -1
    let magnitude = bits & 0x7F
    let exponent = Int(magnitude >> mantissa)
    let fraction = Double(magnitude & (1 << mantissa - 1)) / Double(1 << mantissa)
    if self == MK_F8_E4M3, magnitude == 0x7F { return .nan }
    if self == MK_F8_E5M2, exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
    let significand = exponent == 0 ? fraction : 1 + fraction
    return sign * significand
      * Double(sign: .plus, exponent: max(exponent, 1) - bias, significand: 1)
  }
}

/// `value` rounded to bf16, ties to even.
func roundedToBF16(_ value: Float) -> Float {
  guard value.isFinite else { return value }
  let below = Float(bitPattern: value.bitPattern & 0xFFFF_0000)
  let low = value.bitPattern & 0xFFFF
  let isUp = low > 0x8000 || (low == 0x8000 && value.bitPattern & 0x1_0000 != 0)
  return isUp ? Float(bitPattern: below.bitPattern + 0x1_0000) : below
}

/// `value` rounded to `dtype`, by way of fp32 for the 16-bit types.
func rounded(_ value: Double, to dtype: mk_dtype) -> Double {
  switch dtype {
  case MK_BF16: Double(roundedToBF16(Float(value)))
  case MK_FP16: Double(Float16(Float(value)))
  case MK_FP32: Double(Float(value))
  default: value
  }
}
