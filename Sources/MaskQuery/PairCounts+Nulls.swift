internal import MaskModel

extension PairCounts {
  /// What `null` says of the overlap.
  ///
  /// Costs one pass over the marginals that the null keeps; bits are not read.
  public func result(under null: Null) -> NullResult {
    guard a.contains(where: { $0.compared > 0 }) else {
      return .unavailable(NothingCompared.reason)
    }
    return switch null {
    case .global: globalNull
    case .tensor: tensorNull
    case .row: rowNull
    case .column: columnNull
    case .rowColumn: rowColumnNull
    case .magnitude: magnitudeNull
    }
  }

  /// A result with a z, from `strata`.
  func sampled(_ strata: Strata) -> NullResult {
    var result = NullResult(strata, table)
    result.setZ(variance: strata.variance)
    return result
  }
}

extension Strata {
  /// Adds a whole tensor as one stratum.
  mutating func add(tensor: Int, of pair: PairCounts) {
    let (a, b) = (pair.a[tensor], pair.b[tensor])
    add(a.marginals.count, b.marginals.count, of: a.compared)
  }
}
