internal import ByteFormats
public import Checkpoints
internal import MaskModel

/// Why two checkpoints are not two states of one model.
public struct MismatchError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence: the checkpoints, the tensors that differ, the way out.
  public let description: String
}

extension Pairing {
  /// Joins `base` and `tuned`.
  ///
  /// The rows that a resized vocabulary has in common are compared. Any other tensor that only one
  /// side has, or that differs in shape, is refused unless `allowsMismatch`, and is then skipped.
  ///
  /// - Throws: `MismatchError` that names the tensors.
  public init(
    base: Checkpoint,
    tuned: Checkpoint,
    allowsMismatch: Bool
  ) throws(MismatchError) {
    let parameters = base.tensors.filter { !$0.isAuxiliary }
    layout = ModelLayout(parameters.map { TensorLayout(name: $0.name, shape: $0.shape) })
    pairs = parameters.map { TensorPair(base: $0, tuned: tuned[$0.name]) }
    let names = Set(parameters.map(\.name))
    extra = tuned.tensors.filter { !$0.isAuxiliary && !names.contains($0.name) }
      .map { SkippedTensor(name: $0.name, reason: base.reasonWithout($0.name)) }
    try refuseMismatch(base: base, tuned: tuned, allowsMismatch: allowsMismatch)
  }

  private func refuseMismatch(
    base: Checkpoint,
    tuned: Checkpoint,
    allowsMismatch: Bool
  ) throws(MismatchError) {
    let mismatches =
      pairs.filter(\.isMismatch).map { "\($0.base.name) (\($0.reason ?? ""))" }
      + extra.filter { tuned[$0.name]?.isFloatParameter == true }.map {
        "\($0.name) (\($0.reason))"
      }
    guard compared > 0 || layout.count == 0 else {
      let reason =
        mismatches.isEmpty
        ? "none of its tensors is of a float type"
        : "\(Self.list(mismatches)); they are models of different architectures"
      throw MismatchError(
        description: "\(tuned.location.reference): no tensor can be compared with "
          + "\(base.location.reference): \(reason)"
      )
    }
    guard !allowsMismatch, !mismatches.isEmpty else { return }
    throw MismatchError(
      description: "\(tuned.location.reference): "
        + "\(mismatches.count, of: "tensor") \(mismatches.count == 1 ? "does" : "do") not match "
        + "\(base.location.reference): \(Self.list(mismatches)); name the base that it was fine-tuned from, "
        + "or skip them with --allow-mismatch"
    )
  }

  /// The first three, and how many more.
  private static func list(_ items: [String]) -> String {
    let more = items.count > 3 ? " and \(items.count - 3) more" : ""
    return items.prefix(3).joined(separator: ", ") + more
  }
}

extension Checkpoint {
  /// Why a base has no tensor `name`.
  fileprivate func reasonWithout(_ name: String) -> String {
    let isDropped = notices.contains { notice in
      if case .tiedHeadDropped(name, _, _) = notice { true } else { false }
    }
    return isDropped
      ? "in the base it is the embedding again, and counts once" : "the base has no such tensor"
  }
}

extension TensorPair {
  fileprivate init(base: StoredTensor, tuned: StoredTensor?) {
    let (compared, reason) = Self.domain(base: base, tuned: tuned)
    self.init(base: base, tuned: tuned, compared: compared, reason: reason)
  }

  /// Whether the pair is refused unless the user allows it.
  fileprivate var isMismatch: Bool {
    base.isFloatParameter && reason != nil && !isResizedVocabulary
  }

  private var isResizedVocabulary: Bool { compared > 0 }

  private static func domain(
    base: StoredTensor,
    tuned: StoredTensor?
  ) -> (compared: Int, reason: String?) {
    guard base.isFloatParameter else { return (0, "\(base.type.rawValue) is no float type") }
    guard let tuned else { return (0, "the fine-tuned checkpoint has no such tensor") }
    guard tuned.isFloatParameter else {
      return (0, "fine-tuned it is \(tuned.type.rawValue), which is no float type")
    }
    if base.shape == tuned.shape { return (base.shape.count, nil) }
    guard let rows = commonRows(base, tuned) else {
      return (0, "its shape is \(base.shape), fine-tuned \(tuned.shape)")
    }
    let total = base.shape.dimensions[0]
    let fineTuned = tuned.shape.dimensions[0]
    return (
      rows * base.shape.columns,
      "the vocabulary was resized from \(total) to \(fineTuned, of: "row"); \(rows == 1 ? "the first is" : "the first \(rows) are") compared"
    )
  }

  /// The rows that two states of a vocabulary matrix share; nil for any other difference.
  private static func commonRows(_ base: StoredTensor, _ tuned: StoredTensor) -> Int? {
    let (a, b) = (base.shape.dimensions, tuned.shape.dimensions)
    guard a.count == 2, b.count == 2, a[1] == b[1], isVocabulary(base.name) else { return nil }
    return min(a[0], b[0])
  }

  /// Whether a tensor has one row for every token: embeddings and output heads.
  private static func isVocabulary(_ name: String) -> Bool {
    [
      "embed_tokens.weight", "lm_head.weight", "wte.weight", "word_embeddings.weight",
      "embed_in.weight", "embed_out.weight", "tok_embeddings.weight", "output.weight",
    ]
    .contains { name == $0 || name.hasSuffix("." + $0) }
  }
}
