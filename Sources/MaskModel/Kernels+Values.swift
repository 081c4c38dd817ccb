internal import CMaskKernels

extension Kernels {
  /// Converts `count` values of `source` from one type to another.
  ///
  /// Narrowing rounds to nearest, ties to even; fp64 to a 16-bit type goes through fp32.
  package static func convert(
    _ source: UnsafeRawPointer,
    as from: FloatType,
    to target: UnsafeMutableRawPointer,
    as to: FloatType,
    count: Int
  ) {
    unsafe mk_convert(from.kernel, to.kernel, source, target, count)
  }

  /// Multiplies fp32 values in place.
  package static func scale(_ values: UnsafeMutablePointer<Float>, count: Int, by factor: Float) {
    unsafe mk_scale(values, count, factor)
  }

  /// Writes which of `count` positions changed into the leading words of `bits`.
  ///
  /// The corresponding C function is `mk_changed`.
  package static func changed(
    _ definition: MaskDefinition,
    base: UnsafeRawPointer,
    tuned: UnsafeRawPointer,
    count: Int,
    into bits: UnsafeMutablePointer<UInt64>
  ) {
    let (rule, threshold) = definition.rule.kernel
    unsafe mk_changed(rule, definition.compareType.kernel, threshold, base, tuned, count, bits)
  }

  /// The same, and adds the exponent fields of the base where it changed to `counts`, and where `all`
  /// is given those of every position to it, which costs little more.
  ///
  /// The corresponding C function is `mk_changed_counts`.
  package static func changed(
    _ definition: MaskDefinition,
    base: UnsafeRawPointer,
    tuned: UnsafeRawPointer,
    count: Int,
    into bits: UnsafeMutablePointer<UInt64>,
    exponents counts: UnsafeMutablePointer<UInt64>,
    all: UnsafeMutablePointer<UInt64>?
  ) {
    let (rule, threshold) = definition.rule.kernel
    let type = definition.compareType.kernel
    unsafe mk_changed_counts(rule, type, threshold, base, tuned, count, bits, all, counts)
  }

  /// Adds the exponent fields of those of `count` values that are set in `bits` to `counts`, where
  /// those that are set in `other` are `known`: cheap where the two mostly agree.
  ///
  /// The corresponding C function is `mk_exponent_counts_after`.
  package static func addExponents(
    of values: UnsafeRawPointer,
    as type: FloatType,
    where bits: UnsafePointer<UInt64>,
    after other: UnsafePointer<UInt64>,
    known: UnsafePointer<UInt64>,
    count: Int,
    to counts: UnsafeMutablePointer<UInt64>
  ) {
    unsafe mk_exponent_counts_after(type.kernel, values, bits, other, known, count, counts)
  }
}

extension FloatType {
  /// The name of the type in C.
  var kernel: mk_dtype {
    switch self {
    case .bf16: MK_BF16
    case .fp16: MK_FP16
    case .fp32: MK_FP32
    case .fp64: MK_FP64
    case .fp8E4M3: MK_F8_E4M3
    case .fp8E5M2: MK_F8_E5M2
    }
  }
}

extension ChangeRule {
  /// The rule and its threshold as the kernels take them.
  var kernel: (mk_rule, Double) {
    switch self {
    case .paper(let tolerance): (MK_PAPER, tolerance)
    case .bitwise: (MK_BITWISE, 0)
    case .numeric: (MK_NUMERIC, 0)
    case .absolute(let tolerance): (MK_ABSOLUTE, tolerance)
    case .relative(let ratio): (MK_RELATIVE, ratio)
    case .ulp(let steps): (MK_ULP, Double(steps))
    }
  }
}
