public import MaskModel

/// Everything that statistics of two masks are computed from: the counts of each, tensor by tensor,
/// and the exact intersections.
///
/// Both masks are counted over the same positions: where two domains differ, whoever makes the pair
/// restricts the counts to what both compared. A tensor that was not compared leaves every sum.
public struct PairCounts: Sendable {
  /// Mask A, one element a tensor of the layout.
  public let a: [TensorCounts]
  /// Mask B, likewise.
  public let b: [TensorCounts]
  /// |A ∩ B| in each tensor.
  public let intersections: [Int]
  /// Whether a position has one binade for both masks: they are of one base and compare dtype.
  public let sharesBinades: Bool

  /// The counts of masks `a` and `b` over one layout and one domain.
  ///
  /// It is a bug to pass arrays of unequal length, or tensors compared on unequal domains.
  public init(
    a: [TensorCounts],
    b: [TensorCounts],
    intersections: [Int],
    sharesBinades: Bool = true
  ) {
    precondition(a.count == b.count, "both masks are counted on one layout")
    precondition(a.count == intersections.count, "every tensor has its intersection")
    let oneDomain = zip(a, b).allSatisfy { $0.compared == $1.compared }
    precondition(oneDomain, "both masks are counted on one domain")
    self.a = a
    self.b = b
    self.intersections = intersections
    self.sharesBinades = sharesBinades
  }
}

extension PairCounts {
  /// The pair on the tensors of the layout that `tensors` index: a layer, a module, a single one.
  public func restricted(to tensors: [Int]) -> PairCounts {
    PairCounts(
      a: tensors.map { a[$0] },
      b: tensors.map { b[$0] },
      intersections: tensors.map { intersections[$0] },
      sharesBinades: sharesBinades
    )
  }

  /// The totals over all compared tensors.
  public var table: ContingencyTable {
    var (parameters, countA, countB, intersection) = (0, 0, 0, 0)
    for tensor in compared {
      parameters += a[tensor].compared
      countA += a[tensor].marginals.count
      countB += b[tensor].marginals.count
      intersection += intersections[tensor]
    }
    return ContingencyTable(
      parameters: parameters,
      countA: countA,
      countB: countB,
      intersection: intersection
    )
  }

  /// The tensors that were compared.
  var compared: some Sequence<Int> { a.indices.lazy.filter { a[$0].compared > 0 } }
}
