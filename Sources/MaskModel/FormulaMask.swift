/// The mask that a formula gives, computed as it is read.
///
/// A segment takes one pass over those of the operands. Memory is, for every thread that reads, 512
/// KiB for each level that the formula nests and each binary digit of a tally.
public struct FormulaMask: SegmentReader {
  /// The coordinate system, that of all operands.
  public let layout: ModelLayout
  private let program: FormulaProgram
  private let operands: [any SegmentReader]
  private let compared: [Int]

  /// The mask of `formula` over `operands`, within the first `compared` positions of every tensor.
  ///
  /// - Parameters:
  ///   - formula: what is computed.
  ///   - operands: masks over one layout, which the formula names by their places.
  ///   - layout: their layout.
  ///   - compared: the domain, one number a tensor: nothing outside of it is set.
  public init(
    _ formula: MaskFormula,
    of operands: [any SegmentReader],
    over layout: ModelLayout,
    compared: [Int]
  ) {
    precondition(compared.count == layout.tensors.count, "every tensor has its domain")
    program = FormulaProgram(formula)
    self.operands = operands
    self.layout = layout
    self.compared = compared
  }

  /// Fills `words` with a segment; what operands are coded against is decoded once for all of them.
  ///
  /// - Throws: what an operand throws.
  public func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    let range = SegmentGrid.range(index, positions: layout.tensors[tensor].shape.count)
    let inside = range.clamped(to: 0..<compared[tensor]).count
    guard inside > 0 else {
      words.clear(from: 0)
      return 0
    }
    let run = FormulaRun(
      tensor: tensor,
      segment: index,
      words: SegmentGrid.words(for: inside),
      operands: operands,
      context: context
    )
    let result = try run.row(of: program)
    words.copy(result.words, words: run.words)
    context.give([result])
    words.clear(from: inside)
    return Kernels.count(words.span)
  }
}

/// One segment while the steps of a formula are taken.
private struct FormulaRun {
  let tensor: Int
  let segment: Int
  let words: Int
  let operands: [any SegmentReader]
  let context: ReadContext

  func row(of program: FormulaProgram) throws -> WordRow {
    var stack: [WordRow] = []
    var tallies: [BitTally] = []
    for step in program.steps { try take(step, &stack, &tallies) }
    return stack.removeLast()
  }

  private func take(
    _ step: FormulaProgram.Step,
    _ stack: inout [WordRow],
    _ tallies: inout [BitTally]
  ) throws {
    switch step {
    case .load(let place):
      let row = context.takeRow()
      _ = try operands[place].read(
        tensor: tensor,
        segment: segment,
        into: &row.words,
        using: context
      )
      stack.append(row)
    case .complement: stack[stack.count - 1].words.complement(words: words)
    case .join(let join):
      let right = stack.removeLast()
      stack[stack.count - 1].words.join(join, right.words, words: words)
      context.give([right])
    case .clear(let tensors):
      if !tensors[tensor] { stack[stack.count - 1].words.clear(words: words) }
    case .beginTally(let limit):
      tallies.append(BitTally(limit: limit, words: words, take: context.takeRow))
    case .addToTally:
      let row = stack.removeLast()
      tallies[tallies.count - 1].add(row)
      context.give([row])
    case .endTally(let rule, let count):
      let tally = tallies.removeLast()
      let row = context.takeRow()
      tally.fill(row, rule, count)
      context.give(tally.rows)
      stack.append(row)
    }
  }
}
