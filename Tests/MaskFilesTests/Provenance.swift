import MaskFiles
import MaskModel

extension MaskProvenance {
  /// One of a mask in a test.
  static func test(
    _ polarity: MaskPolarity = .trainable,
    extra: [(key: String, value: String)] = []
  ) -> MaskProvenance {
    MaskProvenance(
      maskID: "grpo-s0@paper",
      definition: "paper",
      compareType: .bf16,
      base: "0123456789abcdef0123456789abcdef",
      toolVersion: "0.1.0",
      polarity: polarity,
      extra: extra
    )
  }
}
