internal import MaskCatalog
internal import MaskModel

/// The counts of masks over the positions that both of a pair compared.
///
/// A mask that compared more of a tensor than others is counted again on what they compared: once
/// for every length that occurs, not once a pair.
struct SharedDomains {
  private struct Key: Hashable {
    let mask: Int
    let tensor: Int
    let compared: Int
  }

  private let masks: [AskedMask]
  private let counts: [[TensorCounts]]
  /// For each mask, the first that compared the same positions.
  private let domains: [Int]
  private let restricted: [Key: TensorMarginals]

  /// The domains that `pairs` of `masks` share.
  ///
  /// - Parameters:
  ///   - pairs: the pairs, by the places of their masks.
  ///   - masks: masks over one layout.
  ///   - readers: their bits.
  ///   - counts: what is counted of each over all that it compared.
  ///   - environment: where bases may be; nil where binades are not needed.
  /// - Throws: where bits that must be counted again cannot be read.
  init(
    of pairs: [MaskPair],
    _ masks: [AskedMask],
    readers: [any MaskReader],
    counts: [[TensorCounts]],
    environment: [String: String]?
  ) throws {
    self.masks = masks
    self.counts = counts
    domains = Self.domains(counts)
    let needed = Self.needed(pairs, counts, domains)
    var lookup = BinadeLookup(environment, tensors: Set(needed.map(\.tensor)))
    var restricted: [Key: TensorMarginals] = [:]
    for key in needed {
      let restriction = DomainRestriction(
        mask: readers[key.mask],
        binades: try lookup.reader(for: masks[key.mask])
      )
      restricted[key] = try restriction.marginals(
        counts[key.mask][key.tensor],
        tensor: key.tensor,
        to: key.compared
      )
    }
    self.restricted = restricted
  }

  private static func domains(_ counts: [[TensorCounts]]) -> [Int] {
    var first: [[Int]: Int] = [:]
    return counts.enumerated().map { mask, counts in
      let compared = counts.map(\.compared)
      let domain = first[compared] ?? mask
      first[compared] = domain
      return domain
    }
  }

  /// The tensors of which a mask compared more than another one of a pair.
  private static func needed(
    _ pairs: [MaskPair],
    _ counts: [[TensorCounts]],
    _ domains: [Int]
  ) -> Set<Key> {
    var keys: Set<Key> = []
    for pair in pairs where domains[pair.a] != domains[pair.b] {
      for (tensor, (a, b)) in zip(counts[pair.a], counts[pair.b]).enumerated()
      where a.compared != b.compared {
        let longer = a.compared > b.compared ? pair.a : pair.b
        keys.insert(Key(mask: longer, tensor: tensor, compared: min(a.compared, b.compared)))
      }
    }
    return keys
  }

  /// The counts of `pair`, with these intersections, over what both compared.
  func counts(of pair: MaskPair, intersections: [Int]) -> PairCounts {
    PairCounts(
      a: counts(of: pair.a, with: pair.b),
      b: counts(of: pair.b, with: pair.a),
      intersections: intersections,
      sharesBinades: masks[pair.a].sharesBinades(with: masks[pair.b])
    )
  }

  private func counts(of mask: Int, with other: Int) -> [TensorCounts] {
    if domains[mask] == domains[other] { return counts[mask] }
    return counts[mask].indices.map { tensor in
      let (own, bound) = (counts[mask][tensor], counts[other][tensor])
      let key = Key(mask: mask, tensor: tensor, compared: bound.compared)
      guard own.compared > bound.compared, let marginals = restricted[key] else { return own }
      return TensorCounts(
        tensor: own.tensor,
        compared: bound.compared,
        marginals: marginals,
        exponentTotals: bound.exponentTotals
      )
    }
  }
}

/// The exponents of bases, each looked for once.
private struct BinadeLookup {
  private struct Key: Hashable {
    let base: String
    let type: FloatType
  }

  private let choice: BinadeChoice?
  private let tensors: Set<Int>
  private var known: [Key: (any BinadeReader)?] = [:]

  /// A lookup of the exponents of `tensors`, of none without an environment.
  init(_ environment: [String: String]?, tensors: Set<Int>) {
    choice = environment.map { BinadeChoice(path: nil, environment: $0) }
    self.tensors = tensors
  }

  /// Those of the base of `mask` in its compare dtype; nil where they are not to be had.
  mutating func reader(for mask: AskedMask) throws -> (any BinadeReader)? {
    guard let choice, let type = mask.definition.compareType else { return nil }
    let key = Key(base: mask.base.digest, type: type)
    if let reader = known[key] { return reader }
    let domain = try mask.domain().enumerated().map { tensor, domain in
      tensors.contains(tensor) ? domain : domain.empty
    }
    let reader = try choice.reader(of: mask.base, as: type, for: domain, threads: 1)
    known[key] = .some(reader)
    return reader
  }
}

extension TensorDomain {
  fileprivate var empty: TensorDomain {
    TensorDomain(compared: 0, reason: reason, baseType: baseType, tunedType: tunedType)
  }
}

extension AskedMask {
  /// Whether a position has one binade for both masks: the base and the compare dtype are equal.
  fileprivate func sharesBinades(with other: AskedMask) -> Bool {
    guard let type = definition.compareType, let otherType = other.definition.compareType else {
      return false
    }
    return base.digest == other.base.digest && type == otherType
  }
}
