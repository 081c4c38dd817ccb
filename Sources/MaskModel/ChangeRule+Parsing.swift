/// Why a text names no definition.
public struct DefinitionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The text and what is wrong with it, in one sentence.
  public let description: String

  /// An error that says `description`.
  public init(description: String) { self.description = description }
}

extension ChangeRule {
  /// The rule that `text` names, such as `paper`, `paper:1e-8`, `absolute:1e-5` or `ulp:2`.
  ///
  /// - Throws: `DefinitionError` for an unknown rule, or a threshold that is missing, superfluous,
  ///   negative or not a finite number.
  public init(parsing text: some StringProtocol) throws(DefinitionError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let threshold = parts.count == 2 ? String(parts[1]) : nil
    switch (String(parts[0]), threshold) {
    case ("paper", nil): self = .paper(tolerance: Self.paperTolerance)
    case ("paper", let threshold?): self = .paper(tolerance: try number(threshold, of: text))
    case ("bitwise", nil): self = .bitwise
    case ("numeric", nil): self = .numeric
    case ("absolute", let threshold?): self = .absolute(tolerance: try number(threshold, of: text))
    case ("relative", let threshold?): self = .relative(ratio: try number(threshold, of: text))
    case ("ulp", let threshold?): self = .ulp(steps: try steps(threshold, of: text))
    case ("absolute", nil), ("relative", nil), ("ulp", nil):
      throw refusal(
        of: text,
        "needs a threshold, as in \(parts[0]):\(parts[0] == "ulp" ? "1" : "1e-5")"
      )
    case ("bitwise", _), ("numeric", _): throw refusal(of: text, "takes no threshold")
    default:
      throw refusal(
        of: text,
        "is unknown; use paper[:T], bitwise, numeric, absolute:T, relative:R or ulp:K"
      )
    }
  }
}

private func number(
  _ threshold: String,
  of text: some StringProtocol
) throws(DefinitionError) -> Double {
  guard let value = Double(threshold), value.isFinite, value.sign == .plus else {
    throw refusal(of: text, "needs a finite threshold of at least 0, not '\(threshold)'")
  }
  // The text of zero has no digit but 0 before its exponent; a smaller number than any double has.
  let digits = threshold.prefix { !"eEpP".contains($0) }.drop { "0xX.".contains($0) }
  guard value > 0 || digits.isEmpty else {
    throw refusal(of: text, "needs a threshold that a double can hold, not '\(threshold)'")
  }
  return value
}

private func steps(
  _ threshold: String,
  of text: some StringProtocol
) throws(DefinitionError) -> Int {
  // Beyond 2^53 the kernels' double would not hold the number.
  guard let value = Int(threshold), (0...(1 << 53)).contains(value) else {
    throw refusal(of: text, "needs a whole number of steps of at least 0, not '\(threshold)'")
  }
  return value
}

private func refusal(of text: some StringProtocol, _ reason: String) -> DefinitionError {
  DefinitionError(description: "the definition '\(text)' \(reason)")
}
