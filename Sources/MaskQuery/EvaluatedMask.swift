internal import ByteFormats
public import MaskModel

/// What an expression means over the masks of a catalog: bits that are computed as they are read.
public struct EvaluatedMask: Sendable {
  /// The expression as it was written.
  public let expression: MaskExpression
  /// The bits, over the whole layout of the base; none is set outside of `domain`.
  public let reader: any SegmentReader
  /// What every operand is about, tensor by tensor.
  public let domain: [TensorDomain]
  /// That of the operands where they agree.
  public let definition: RecordedDefinition
  /// Whether the compare dtype goes without saying.
  public let isDefaultType: Bool
  /// The expression with the operands by their ids, and their digests.
  public let lineage: MaskLineage
  /// The base of all operands.
  public let base: AskedBase
}

extension EvaluatedMask {
  /// The mask as questions take it, counted in one pass over the operands' bits.
  ///
  /// - Parameters:
  ///   - binades: the exponents of the base's weights in the compare dtype; without them the magnitude
  ///     null has no answer for the mask.
  ///   - threads: the threads to work on.
  /// - Returns: the mask, with counts and digest.
  /// - Throws: what an operand or `binades` throw.
  public func asked(binades: (any BinadeReader)? = nil, threads: Int) throws -> AskedMask {
    let census = try MaskCensus(
      of: reader,
      compared: domain.map(\.compared),
      binades: definition.compareType == nil ? nil : binades,
      threads: threads
    )
    let tensors = reader.layout.tensors
    let summary = MaskSummary(
      id: expression.description,
      run: expression.description,
      definition: definition.rule.description,
      compareType: definition.compareType?.rawValue,
      base: base.digest,
      parameters: domain.reduce(0) { $0 + $1.compared },
      count: census.count,
      skippedTensors: zip(tensors, domain).compactMap { tensor, domain in
        domain.reason.map { SkippedTensor(name: tensor.name, reason: $0) }
      },
      digest: census.digest.description,
      lineage: lineage
    )
    return AskedMask(
      summary,
      definition: definition,
      base: base,
      source: ComputedMask(reader, counts: census.counts, domain: domain)
    )
  }
}
