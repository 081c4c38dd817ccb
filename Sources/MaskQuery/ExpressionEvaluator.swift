internal import ByteFormats
internal import MaskCatalog
public import MaskModel

/// Finds what an expression names in the catalogs, and puts together what computes it.
///
/// Operands must be of one base. The mask is about what all of them are about: positions that one of
/// them did not compare are in no answer, not even in a complement.
public struct ExpressionEvaluator: Sendable {
  let catalogs: CatalogSet
  let definition: DefinitionRequest?
  let binades: BinadeChoice
  let threads: Int

  /// An evaluator of expressions over the masks of `catalogs`.
  ///
  /// - Parameters:
  ///   - catalogs: where references are looked up.
  ///   - definition: the definition that a run stands for.
  ///   - basePath: where the base's files are, for random masks by magnitude; nil for where they were.
  ///   - environment: the environment, for the Hugging Face cache.
  ///   - threads: the threads to work on.
  public init(
    _ catalogs: CatalogSet,
    definition: DefinitionRequest? = nil,
    basePath: String? = nil,
    environment: [String: String],
    threads: Int
  ) {
    self.catalogs = catalogs
    self.definition = definition
    binades = BinadeChoice(path: basePath, environment: environment)
    self.threads = threads
  }

  /// The mask that `text` writes.
  ///
  /// Reads no bits but for random masks, which must know how many positions the other mask has.
  ///
  /// - Throws: `ExpressionError` with the place of what is wrong, `SelectionError` where a reference
  ///   names no mask or several, `IncompatibleMasks` where bases differ, and what operands throw.
  public func mask(_ text: String) throws -> EvaluatedMask {
    var evaluation = Evaluation(text, self)
    return try evaluation.evaluate(MaskExpression(parsing: text)).mask
  }

  /// The exponents of the base of `mask`, by which it can be counted for the magnitude null: those of
  /// the files that the user named, else those that the catalog keeps; nil for neither.
  ///
  /// - Throws: `IncompatibleMasks` where the files that the user named are no such base.
  public func binades(of mask: EvaluatedMask) throws -> (any BinadeReader)? {
    try mask.definition.compareType.flatMap { type in
      try binades.readerAtHand(of: mask.base, as: type, for: mask.domain, threads: threads)
    }
  }
}

/// One expression while its parts are looked up.
struct Evaluation {
  let text: String
  let evaluator: ExpressionEvaluator
  /// The masks that are named, each once.
  private(set) var named: [AskedMask] = []
  /// What the formula computes on: the named masks' bits, and random ones.
  private var readers: [any SegmentReader] = []
  private var places: [MaskIdentity: Int] = [:]
  private var domains: [[TensorDomain]] = []
  private var layout: ModelLayout?

  init(_ text: String, _ evaluator: ExpressionEvaluator) {
    self.text = text
    self.evaluator = evaluator
  }

  mutating func evaluate(
    _ expression: MaskExpression
  ) throws -> (mask: EvaluatedMask, spelling: MaskExpression) {
    let (formula, spelling) = try resolve(expression)
    guard let first = named.first, let layout else {
      throw SelectionError.empty(evaluator.definition)
    }
    let domain = TensorDomain.common(domains)
    let definitions = Set(named.map(\.definition))
    let types = Set(named.map(\.definition.compareType))
    let mask = EvaluatedMask(
      expression: expression,
      reader: FormulaMask(
        formula,
        of: readers,
        over: layout,
        compared: domain.map(\.compared)
      ),
      domain: domain,
      definition: definitions.count == 1
        ? first.definition
        : RecordedDefinition(
          rule: .derived,
          compareType: types.count == 1 ? types.first ?? nil : nil
        ),
      isDefaultType: definitions.count > 1 || named.allSatisfy(\.isDefaultType),
      lineage: .derived(
        expression: spelling.description,
        operands: named.map {
          MaskLineage.Operand(name: $0.id, digest: $0.digest ?? "")
        }
      ),
      base: first.base
    )
    return (mask, spelling)
  }

  /// The formula of `expression`, and the expression with every mask by its id.
  private mutating func resolve(
    _ expression: MaskExpression
  ) throws -> (MaskFormula, MaskExpression) {
    func spelled(_ node: MaskExpression.Node) -> MaskExpression {
      MaskExpression(node, at: expression.range)
    }
    switch expression.node {
    case .mask(let reference):
      let masks = try find(reference)
      guard masks.count == 1 else { throw SelectionError.several(reference, masks.map(\.id)) }
      return (.operand(try place(of: masks[0])), spelled(.mask(masks[0].id)))
    case .complement(let part):
      let (formula, spelling) = try resolve(part)
      return (.complement(formula), spelled(.complement(spelling)))
    case .joined(let join, let parts):
      let resolved = try parts.map { try resolve($0) }
      return (.joined(join, resolved.map(\.0)), spelled(.joined(join, resolved.map(\.1))))
    case .tally(let tally, let count, let items):
      let parts = try votes(items)
      guard count <= parts.count else {
        throw ExpressionError(
          "\(tally.rawValue)(\(count), ...) of \(parts.count, of: "mask") is never met",
          at: expression.range.lowerBound,
          of: text
        )
      }
      return (
        .tally(tally, count: count, parts.map(\.0)),
        spelled(.tally(tally, count: count, parts.map { .expression($0.1) }))
      )
    case .only(let part, let globs):
      let (formula, spelling) = try resolve(part)
      let tensors = try tensors(fitting: globs)
      return (.only(formula, tensors: tensors), spelled(.only(spelling, globs)))
    case .random(let control):
      return try random(control, at: expression.range)
    }
  }

  /// The masks of a tally, each of which has one vote, however many items name it; those of two runs
  /// have two, even of equal bits.
  private mutating func votes(
    _ items: [MaskExpression.Item]
  ) throws -> [(MaskFormula, MaskExpression)] {
    var votes: [(MaskFormula, MaskExpression)] = []
    for vote in try items.flatMap({ try resolve($0) })
    where !votes.contains(where: { $0.0 == vote.0 }) {
      votes.append(vote)
    }
    return votes
  }

  /// The masks of one item of a tally; of a run at several steps, globs and filters mean the latest.
  private mutating func resolve(
    _ item: MaskExpression.Item
  ) throws -> [(MaskFormula, MaskExpression)] {
    switch item {
    case .expression(let expression):
      guard case .mask(let reference) = expression.node, Glob.isPattern(reference) else {
        return [try resolve(expression)]
      }
      return try find(reference).bySteps.latest.map { try spelled($0, at: expression.range) }
    case .runs(let filters, let range):
      let selection = MaskSelection(
        [],
        definition: evaluator.definition,
        filters: try filters.map { try filter($0, at: range) },
        isLatestStepOnly: true
      )
      let masks = try selection.resolve(in: evaluator.catalogs).masks
      return try masks.map { try spelled($0, at: range) }
    }
  }

  private func filter(_ filter: String, at range: Range<Int>) throws -> FieldFilter {
    if let filter = FieldFilter(filter) { return filter }
    throw ExpressionError(
      "'\(filter)' is no KEY=VALUE[,VALUE]; a value in double quotes ends with them",
      at: range.lowerBound,
      of: text
    )
  }

  private mutating func spelled(
    _ mask: AskedMask,
    at range: Range<Int>
  ) throws -> (MaskFormula, MaskExpression) {
    (.operand(try place(of: mask)), MaskExpression(.mask(mask.id), at: range))
  }

  private func find(_ reference: String) throws -> [AskedMask] {
    try MaskSelection([reference], definition: evaluator.definition)
      .resolve(in: evaluator.catalogs).masks
  }

  /// The place of `mask` among the readers, where it is put if it is not there yet.
  private mutating func place(of mask: AskedMask) throws -> Int {
    // Not by the label: looked up alone, masks of two catalogs may have one.
    let identity = MaskIdentity(mask)
    if let identity, let place = places[identity] { return place }
    if let first = named.first { try Compatibility.checkBases(first, mask) }
    let reader = try mask.reader()
    layout = layout ?? reader.layout
    named.append(mask)
    domains.append(try mask.domain())
    readers.append(reader)
    if let identity { places[identity] = readers.count - 1 }
    return readers.count - 1
  }

  /// Which tensors of the layout fit one of `globs`, each of which must fit some.
  private func tensors(fitting globs: [String]) throws -> [Bool] {
    let tensors = layout?.tensors ?? []
    let kept = Set(try TensorScope(included: globs.map { Glob($0) }).resolved(in: tensors).tensors)
    return tensors.indices.map(kept.contains)
  }

  /// A random mask; what it imitates is an evaluation of its own, with a domain of its own.
  private mutating func random(
    _ control: RandomControl,
    at range: Range<Int>
  ) throws -> (MaskFormula, MaskExpression) {
    var inner = Evaluation(text, evaluator)
    let (like, spelling) = try inner.evaluate(control.like)
    for mask in inner.named { _ = try place(of: mask) }
    let mask = try RandomMask(
      like: like.reader,
      match: control.match,
      seed: control.seed,
      compared: like.domain.map(\.compared),
      binades: control.match == .magnitude
        ? try evaluator.binades.reader(for: like, threads: evaluator.threads) : nil,
      threads: evaluator.threads
    )
    readers.append(mask)
    return (
      .operand(readers.count - 1),
      MaskExpression(
        .random(RandomControl(like: spelling, match: control.match, seed: control.seed)),
        at: range
      )
    )
  }
}

extension TensorDomain {
  /// What all of `domains`, which are over one layout, are about.
  static func common(_ domains: [[TensorDomain]]) -> [TensorDomain] {
    guard let first = domains.first else { return [] }
    return first.indices.map { tensor in
      let all = domains.map { $0[tensor] }
      let least = all.min { $0.compared < $1.compared } ?? first[tensor]
      let types = Set(all.map(\.tunedType))
      return TensorDomain(
        compared: least.compared,
        reason: least.reason,
        baseType: first[tensor].baseType,
        tunedType: types.count == 1 ? types.first ?? nil : nil
      )
    }
  }
}
