/// What the catalog records of how the positions of a mask were decided.
///
/// A comparison decides by a `MaskDefinition`. A mask that is derived from masks of one definition
/// has theirs; one of several definitions, or a mask from a file that does not say, has none.
public struct RecordedDefinition: Sendable, Hashable {
  /// What decided.
  public enum Rule: Sendable, Hashable {
    /// One rule.
    case rule(ChangeRule)
    /// An expression over masks of several rules.
    case derived
    /// Another program, which does not say how.
    case imported
  }

  /// What decided.
  public let rule: Rule
  /// The dtype in which values were compared; nil where there is not one.
  public let compareType: FloatType?

  /// What decided was `rule`, on values compared in `compareType`.
  public init(rule: Rule, compareType: FloatType?) {
    self.rule = rule
    self.compareType = compareType
  }

  /// What decided was a comparison under `definition`.
  public init(_ definition: MaskDefinition) {
    self.init(rule: .rule(definition.rule), compareType: definition.compareType)
  }
}

extension RecordedDefinition.Rule {
  /// The rule that `text` names: one of `ChangeRule`, `derived` or `imported`.
  public init(parsing text: String) throws(DefinitionError) {
    switch text {
    case "derived": self = .derived
    case "imported": self = .imported
    default: self = .rule(try ChangeRule(parsing: text))
    }
  }
}

extension RecordedDefinition.Rule: CustomStringConvertible {
  /// The rule as a mask is named by it.
  public var description: String {
    switch self {
    case .rule(let rule): rule.description
    case .derived: "derived"
    case .imported: "imported"
    }
  }
}
