import MaskModel
import MaskQuery

/// A mask of `run` with `count` of 1,000,000 positions changed.
func summary(_ run: String, count: Int, skipped: [SkippedTensor] = []) -> MaskSummary {
  MaskSummary(
    id: "\(run)@paper@bf16",
    run: run,
    definition: "paper",
    compareType: "bf16",
    base: "base-1",
    algorithm: "GRPO",
    dataset: "gsm8k",
    seed: 42,
    parameters: 1_000_000,
    count: count,
    skippedTensors: skipped
  )
}

/// One tensor of 1000 x 1000, with `count` changes spread evenly over rows, columns and two binades.
func counts(_ count: Int, name: String = "w", knowsBase: Bool = true) -> TensorCounts {
  let profile = (0..<1000).map { UInt32(count / 1000 + ($0 < count % 1000 ? 1 : 0)) }
  return TensorCounts(
    tensor: TensorLayout(name: name, shape: shape([1000, 1000])),
    compared: 1_000_000,
    marginals: TensorMarginals(
      count: count,
      rows: profile,
      columns: profile,
      exponents: knowsBase ? [count, 0] : nil
    ),
    exponentTotals: knowsBase ? [500_000, 500_000] : nil
  )
}

/// The shape of `dimensions`, which must be possible.
func shape(_ dimensions: [Int]) -> TensorShape {
  guard let shape = TensorShape(dimensions) else { preconditionFailure("no such shape") }
  return shape
}

/// The overlap of two masks of `summary`, sharing `intersection` positions.
func overlap(
  _ a: MaskSummary,
  _ b: MaskSummary,
  _ intersection: Int,
  knowsBase: Bool = true
) -> PairOverlap {
  PairOverlap(
    a: a.id,
    b: b.id,
    counts: PairCounts(
      a: [counts(a.count, knowsBase: knowsBase)],
      b: [counts(b.count, knowsBase: knowsBase)],
      intersections: [intersection]
    )
  )
}
