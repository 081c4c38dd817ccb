internal import Checkpoints
internal import MaskModel

/// The unit of work of a comparison: one segment.
enum ComparisonJob: Sendable {
  /// A segment of a tensor of the layout, under every mask.
  case compare(ordinal: Int, number: Int)
  /// A segment of a tensor outside the layout, of the base (nil) or a subject, for its digest alone.
  case digest(owner: Int?, tensor: StoredTensor, number: Int)

  /// The jobs of `plan`: the layout in order, then what only digests need.
  static func all(of plan: ComparisonPlan) -> [ComparisonJob] {
    let compared = (0..<plan.tensorCount).flatMap { ordinal in
      (0..<plan.segments(ofTensor: ordinal)).map { compare(ordinal: ordinal, number: $0) }
    }
    let base = plan.needsBaseDigest ? plan.base.tensors.filter(\.isAuxiliary) : []
    let digested = base.flatMap { segments(of: $0, owner: nil) }
    let layout = Set(plan.tensors.map(\.name))
    let extra = plan.subjects.enumerated().filter(\.element.needsDigest).flatMap { index, subject in
      subject.checkpoint.tensors.filter { !layout.contains($0.name) }
        .flatMap { segments(of: $0, owner: index) }
    }
    return compared + digested + extra
  }

  private static func segments(of tensor: StoredTensor, owner: Int?) -> [ComparisonJob] {
    (0..<SegmentGrid.count(positions: tensor.shape.count)).map {
      digest(owner: owner, tensor: tensor, number: $0)
    }
  }
}

extension ComparisonPlan {
  /// The base's tensors in the order of the layout.
  var tensors: [StoredTensor] { base.tensors.filter { !$0.isAuxiliary } }

  /// How many those are.
  var tensorCount: Int { subjects.first?.pairing.pairs.count ?? tensors.count }

  /// The segments of tensor `ordinal`, of its longest state: a fine-tuned vocabulary may be longer.
  func segments(ofTensor ordinal: Int) -> Int {
    let states = subjects.map { $0.pairing.pairs[ordinal].tuned?.shape.count ?? 0 }
    let base = subjects.first?.pairing.pairs[ordinal].base.shape.count ?? 0
    return SegmentGrid.count(positions: max(base, states.max() ?? 0))
  }

  /// The bytes that are read.
  var byteCount: Int { subjects.reduce(base.byteCount) { $0 + $1.checkpoint.byteCount } }
}
