public import MaskQuery

/// How alike the masks of runs are within and between groups of runs.
public struct GroupReport: Report {
  /// What was asked, beside the answer.
  public struct Question: Sendable {
    let units: RunUnits
    let factors: RunFactors
    let tensors: ScopedTensors

    /// A question about `units`, told apart by `factors`, over `tensors`.
    public init(units: RunUnits, factors: RunFactors, tensors: ScopedTensors) {
      self.units = units
      self.factors = factors
      self.tensors = tensors
    }
  }

  let masks: [MaskSummary]
  let comparison: GroupComparison
  let question: Question

  /// A report on `comparison` of the runs of `masks`.
  public init(masks: [MaskSummary], _ comparison: GroupComparison, question: Question) {
    self.masks = masks
    self.comparison = comparison
    self.question = question
  }

  /// The fields in which runs may differ all the same.
  var ignoredFields: [String] { ["name", "step"] + question.factors.ignored }
}
