internal import ArgumentParser
internal import MaskQuery

/// What the values of a pair are called in options.
enum PairStatisticNames {
  /// The symmetric ones, in words.
  static let all: String = {
    let metrics = PairStatistic.Metric.allCases.filter { PairStatistic.metric($0).isSymmetric }
    let values = PairStatistic.NullValue.allCases.map { "\($0.rawValue):NULL" }
    let nulls = Null.allCases.map(\.rawValue).joined(separator: ", ")
    return metrics.map(\.rawValue).joined(separator: ", ") + ", or "
      + values.joined(separator: ", ") + ", NULL being one of \(nulls); row_column has no z"
  }()
}

extension PairStatistic {
  /// The value of a pair that an option names.
  init(option text: String) throws {
    guard let statistic = PairStatistic(text) else {
      throw ValidationError(
        "'\(text)' is no value of a pair; use coverage, \(PairStatisticNames.all)."
      )
    }
    self = statistic
  }
}
