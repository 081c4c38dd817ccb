/// The rule that decides whether a position changed between a base value a and a tuned value b.
///
/// Both values are first cast to the compare dtype, rounding to nearest, ties to even. Where a rule
/// computes, it does so in fp32, in fp64 for compare dtype fp64; its threshold is rounded likewise.
public enum ChangeRule: Sendable, Hashable {
  /// Changed iff not |d| <= T with d = b - a and T both rounded to the compare dtype: what
  /// `torch.isclose(delta, 0, atol=T)` answers. NaN is changed. Source: arXiv 2505.11711.
  case paper(tolerance: Double)
  /// The bit patterns differ.
  case bitwise
  /// The values differ: -0.0 equals 0.0, NaN differs from everything.
  case numeric
  /// |b - a| > T.
  case absolute(tolerance: Double)
  /// |b - a| > R max(|a|, |b|).
  case relative(ratio: Double)
  /// More than K representable values of the compare dtype apart, -0.0 and 0.0 being one.
  case ulp(steps: Int)

  /// The tolerance of `paper` where none is given.
  public static let paperTolerance = 1e-5
}

extension ChangeRule: CustomStringConvertible {
  /// The rule as a user writes it and a mask is named: `paper`, `absolute:1e-5`, `ulp:1`.
  public var description: String {
    switch self {
    case .paper(Self.paperTolerance): "paper"
    case .paper(let tolerance): "paper:\(shortText(tolerance))"
    case .bitwise: "bitwise"
    case .numeric: "numeric"
    case .absolute(let tolerance): "absolute:\(shortText(tolerance))"
    case .relative(let ratio): "relative:\(shortText(ratio))"
    case .ulp(let steps): "ulp:\(steps)"
    }
  }
}

/// The shorter of the decimal and the exponent form that read back as `value`: `0.05`, `1e-3`.
private func shortText(_ value: Double) -> String {
  let plain = value.description
  let decimal = plain.hasSuffix(".0") ? String(plain.dropLast(2)) : plain
  guard value > 0, let scientific = scientificText(decimal) else { return decimal }
  return scientific.utf8.count < decimal.utf8.count ? scientific : decimal
}

/// `0.00012` as `1.2e-4`, from its digits; `1e-05` as `1e-5`; nil for whole numbers.
private func scientificText(_ decimal: String) -> String? {
  let parts = decimal.split(separator: "e")
  if parts.count == 2, let exponent = Int(parts[1]) {
    let head = parts[0].hasSuffix(".0") ? parts[0].dropLast(2) : parts[0]
    return "\(head)e\(exponent)"
  }
  guard decimal.hasPrefix("0.") else { return nil }
  let fraction = decimal.dropFirst(2)
  let digits = fraction.drop { $0 == "0" }
  guard let first = digits.first else { return nil }
  let rest = digits.dropFirst()
  let exponent = fraction.count - digits.count + 1
  return "\(first)\(rest.isEmpty ? "" : "." + rest)e-\(exponent)"
}
