internal import MaskQuery

extension PairStatistic {
  /// Whether values of two pairs cannot be compared.
  var hasUnequalCeilings: Bool {
    if case .relative(let value, _) = self { value == .lift || value == .maxLift } else { false }
  }

  /// `value` as a table has it.
  func words(_ value: Double) -> String {
    isShare ? NumberText.share(value) : NumberText.ratio(value)
  }

  /// How a value reads in a figure.
  var figureWords: @Sendable (Double) -> String {
    isShare ? NumberText.figure : NumberText.shortRatio
  }

  /// Whether it cannot exceed 1.
  private var isShare: Bool { ceiling != nil }
}
