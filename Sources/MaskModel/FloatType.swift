/// A floating-point type that weights are stored or compared in.
///
/// The raw value is the name in options, mask names, JSON and the catalog.
public enum FloatType: String, Sendable, Hashable, CaseIterable {
  case bf16
  case fp16
  case fp32
  case fp64
  /// OCP E4M3 (OFP8 1.0): no infinities, one NaN per sign.
  case fp8E4M3 = "fp8_e4m3"
  /// OCP E5M2 (OFP8 1.0): infinities and NaNs as in IEEE 754.
  case fp8E5M2 = "fp8_e5m2"

  /// The bytes one value takes.
  public var byteCount: Int {
    switch self {
    case .fp8E4M3, .fp8E5M2: 1
    case .bf16, .fp16: 2
    case .fp32: 4
    case .fp64: 8
    }
  }

  /// The significant bits of a normal number, the implicit one included.
  public var significandBits: Int {
    switch self {
    case .fp8E4M3: 4
    case .fp8E5M2: 3
    case .bf16: 8
    case .fp16: 11
    case .fp32: 24
    case .fp64: 53
    }
  }

  /// Whether two values can be compared in this type.
  ///
  /// fp8 is dequantised first, never compared.
  public var isComparable: Bool { byteCount > 1 }

  /// The type that a user named, or nil.
  ///
  /// Known are `bf16`, `bfloat16`, `fp16`, `float16`, `f32`, `float` and the like.
  public init?(named text: String) {
    if let exact = FloatType(rawValue: text) {
      self = exact
      return
    }
    switch text.lowercased() {
    case "bf16", "bfloat16": self = .bf16
    case "fp16", "f16", "float16", "half": self = .fp16
    case "fp32", "f32", "float32", "float": self = .fp32
    case "fp64", "f64", "float64", "double": self = .fp64
    case "fp8_e4m3", "f8_e4m3", "float8_e4m3fn": self = .fp8E4M3
    case "fp8_e5m2", "f8_e5m2", "float8_e5m2": self = .fp8E5M2
    default: return nil
    }
  }
}
