public import MaskModel

/// How much of a group of tensors a mask changed.
public struct Sparsity: Sendable, Hashable {
  /// The positions that the group's tensors have.
  public let positions: Int
  /// Those that were compared, the denominator of density and sparsity.
  public let compared: Int
  /// Those that changed.
  public let changed: Int

  /// Sparsity of a group with `changed` of `compared` positions changed, out of `positions`.
  public init(positions: Int, compared: Int, changed: Int) {
    self.positions = positions
    self.compared = compared
    self.changed = changed
  }

  /// The sum over `counts`.
  public init(_ counts: some Sequence<TensorCounts>) {
    var (positions, compared, changed) = (0, 0, 0)
    for tensor in counts {
      positions += tensor.tensor.shape.count
      compared += tensor.compared
      changed += tensor.compared > 0 ? tensor.marginals.count : 0
    }
    self.init(positions: positions, compared: compared, changed: changed)
  }

  /// changed / compared, the share of compared positions that changed; nil where none was compared.
  public var density: Double? { share(changed, of: compared) }

  /// 1 - density = (compared - changed) / compared, the paper's sparsity (arXiv 2505.11711, Table 1,
  /// there in per cent); nil where none was compared.
  public var sparsity: Double? { share(compared - changed, of: compared) }
}

/// The sparsity of one mask by group.
public struct SparsityTable: Sendable {
  /// One row for every group of tensors.
  public let rows: [(group: TensorGroup, sparsity: Sparsity)]
  /// The whole mask.
  public let total: Sparsity

  /// The sparsity of a mask of `counts`, in `groups` of its layout.
  public init(_ counts: [TensorCounts], groups: [TensorGroup]) {
    rows = groups.map { group in (group, Sparsity(group.tensors.map { counts[$0] })) }
    total = Sparsity(counts)
  }
}
