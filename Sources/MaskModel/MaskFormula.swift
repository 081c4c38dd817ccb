/// A mask expression whose references are resolved: what is computed, on which operands.
public indirect enum MaskFormula: Sendable, Hashable {
  /// The operand at a place in a list.
  case operand(Int)
  /// Everything in the domain that the part does not have.
  case complement(MaskFormula)
  /// Parts from left to right; one alone is itself.
  case joined(MaskExpression.Join, [MaskFormula])
  /// What at least, or exactly, `count` of the parts have.
  case tally(MaskExpression.Tally, count: Int, [MaskFormula])
  /// What the part has in the tensors that are true.
  case only(MaskFormula, tensors: [Bool])
}

/// A formula as steps on a stack of rows.
struct FormulaProgram: Sendable {
  enum Step: Sendable {
    case load(Int)
    case complement
    case join(MaskExpression.Join)
    case clear(unlessTensor: [Bool])
    case beginTally(limit: Int)
    case addToTally
    case endTally(MaskExpression.Tally, Int)
  }

  private(set) var steps: [Step] = []

  init(_ formula: MaskFormula) { append(formula) }

  private mutating func append(_ formula: MaskFormula) {
    switch formula {
    case .operand(let place): steps.append(.load(place))
    case .complement(let part):
      append(part)
      steps.append(.complement)
    case .joined(let join, let parts):
      for (place, part) in parts.enumerated() {
        append(part)
        if place > 0 { steps.append(.join(join)) }
      }
    case .tally(let tally, let count, let parts):
      steps.append(.beginTally(limit: max(parts.count, count)))
      for part in parts {
        append(part)
        steps.append(.addToTally)
      }
      steps.append(.endTally(tally, count))
    case .only(let part, let tensors):
      append(part)
      steps.append(.clear(unlessTensor: tensors))
    }
  }
}
