public import MaskModel

/// A definition of a mask that is to be made.
public struct DefinitionChoice: Sendable, Hashable {
  /// The rule and compare dtype.
  public let definition: MaskDefinition
  /// Whether the dtype is the default of the rule and the files.
  public let isDefaultType: Bool

  /// The name of the mask of `run`: `RUN@RULE`, with `@DTYPE` where it is not the default.
  public func maskName(of run: String) -> String {
    "\(run)@\(definition.rule)" + (isDefaultType ? "" : "@\(definition.compareType.rawValue)")
  }

  /// The choices for `requests` over files that store `types`, each once.
  ///
  /// - Parameters:
  ///   - requests: the rules asked for, some with a compare dtype of their own.
  ///   - compareType: the dtype for those that name none; nil for their defaults.
  ///   - types: the float dtypes of the tensors compared, on both sides.
  /// - Returns: the definitions in the order asked for.
  /// - Throws: `DefinitionError` where a default does not exist.
  public static func resolve(
    _ requests: [DefinitionRequest],
    compareType: FloatType?,
    storing types: Set<FloatType>
  ) throws(DefinitionError) -> [DefinitionChoice] {
    var choices: [DefinitionChoice] = []
    for request in requests {
      let fallback = DefaultCompareType.of(request.rule, storing: types)
      guard let type = request.compareType ?? compareType ?? fallback else {
        throw noDefault(of: request, storing: types)
      }
      let choice = DefinitionChoice(
        definition: MaskDefinition(rule: request.rule, compareType: type),
        isDefaultType: type == fallback
      )
      if !choices.contains(choice) { choices.append(choice) }
    }
    return choices
  }

  private static func noDefault(
    of request: DefinitionRequest,
    storing types: Set<FloatType>
  ) -> DefinitionError {
    let names = types.map(\.rawValue).sorted().joined(separator: " and ")
    return DefinitionError(
      description: "'\(request.rule)' has no compare dtype of its own between \(names); "
        + "choose one with --compare-dtype"
    )
  }
}
