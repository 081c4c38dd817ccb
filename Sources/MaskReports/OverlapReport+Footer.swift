internal import MaskQuery

extension OverlapReport {
  /// How the masks were made, on how many parameters, and how to read the columns of `nulls`.
  func footer(_ nulls: [Null]) -> String {
    let lines = [
      masks.isEmpty ? nil : MaskFooter.definition(of: masks),
      compared,
      omitted?.sentence,
      MaskFooter.skipped(masks),
      tensors.flatMap(MaskFooter.leftOut),
      "coverage_a reads: of the parameters that A changed, the share that B changed too.",
      nulls.isEmpty ? nil : Self.liftNote,
    ]
    return lines.compactMap { $0.map { $0 + "\n" } }.joined()
  }

  /// How many parameters the pairs were compared on.
  private var compared: String? {
    let parameters = pairs.map(\.metrics.table.parameters)
    guard let least = parameters.min(), let most = parameters.max() else { return nil }
    return least == most
      ? "Parameters compared in every pair: \(NumberText.count(least))."
      : "Parameters compared: \(NumberText.count(least)) to \(NumberText.count(most)), "
        + "by pair."
  }

  private static let liftNote = """
    lift is the overlap over the one expected by chance. Its ceiling, max_lift, differs between
    pairs and between nulls: compare attained, which is 0 at the expected overlap and 1 at the
    largest possible.
    """
}
