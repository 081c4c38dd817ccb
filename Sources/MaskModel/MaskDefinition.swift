/// What "changed" means for a mask: a rule and the dtype in which values are compared.
///
/// Part of a mask's identity. Masks of different definitions are different things and are not
/// compared unless the user insists.
public struct MaskDefinition: Sendable, Hashable {
  /// The rule.
  public let rule: ChangeRule
  /// The compare dtype.
  public let compareType: FloatType

  /// The definition of `rule` in `compareType`.
  public init(rule: ChangeRule, compareType: FloatType) {
    self.rule = rule
    self.compareType = compareType
  }
}

/// A definition as a user asks for it: `RULE` or `RULE@DTYPE`.
public struct DefinitionRequest: Sendable, Hashable {
  /// The rule.
  public let rule: ChangeRule
  /// The compare dtype, or nil for the default of the rule and the files.
  public let compareType: FloatType?

  /// A request for `rule`, in `compareType` if given.
  public init(rule: ChangeRule, compareType: FloatType? = nil) {
    self.rule = rule
    self.compareType = compareType
  }

  /// The request that `text` names, such as `numeric` or `numeric@fp32`.
  public init(parsing text: some StringProtocol) throws(DefinitionError) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let rule = try ChangeRule(parsing: parts[0])
    guard parts.count == 2 else {
      self.init(rule: rule)
      return
    }
    guard let type = FloatType(named: String(parts[1])), type.isComparable else {
      throw DefinitionError(
        description: "'\(parts[1])' is no compare dtype; use bf16, fp16, fp32 or fp64"
      )
    }
    self.init(rule: rule, compareType: type)
  }
}

extension DefinitionRequest: CustomStringConvertible {
  /// `RULE` or `RULE@DTYPE`.
  public var description: String { "\(rule)\(compareType.map { "@\($0.rawValue)" } ?? "")" }
}

/// The compare dtype of a rule where the user names none.
public enum DefaultCompareType {
  /// `paper` compares in bf16; every other rule in the one of `types` with the fewest significant
  /// bits.
  ///
  /// - Parameters:
  ///   - rule: the rule.
  ///   - types: the float dtypes that the two checkpoints store; fp8 is passed over.
  /// - Returns: nil where there is no answer: fp16 beside bf16, or nothing but fp8.
  public static func of(_ rule: ChangeRule, storing types: Set<FloatType>) -> FloatType? {
    if case .paper = rule { return .bf16 }
    let candidates = types.filter(\.isComparable)
    if candidates.isSuperset(of: [.bf16, .fp16]) { return nil }
    return candidates.min { $0.significandBits < $1.significandBits }
  }
}
