internal import ByteFormats
internal import Checkpoints
internal import MaskModel

extension [DefinitionChoice] {
  /// What is to be said where a default dtype is that of most tensors, but some are stored in more
  /// precision on both sides: what moves in them by less than a step of that dtype is not seen.
  ///
  /// A model that is stored in one dtype has nothing to say here: that `paper` compares fp32 in bf16 is
  /// what the definition is.
  func narrowing(_ pairing: Pairing) -> [String] {
    let types = Set(filter(\.isDefaultType).map(\.definition.compareType))
    return types.sorted { $0.rawValue < $1.rawValue }.compactMap { type in
      let compared = pairing.pairs.filter { $0.compared > 0 }
      let wider = compared.filter { $0.isWider(than: type) }
      guard let first = wider.first, wider.count < compared.count else { return nil }
      let more = wider.count > 1 ? " and \(wider.count - 1, of: "more tensor")" : ""
      // What sees every change: fp32, unless a tensor is fp64 on both sides.
      let enough = wider.contains { $0.isWider(than: .fp32) } ? FloatType.fp64 : .fp32
      let stored = first.base.type.float.map(\.rawValue) ?? first.base.type.rawValue
      return
        "compared in \(type.rawValue), though both sides store \(first.base.name) (\(stored))\(more) in "
        + "more precision, where smaller changes are not seen; --compare-dtype \(enough.rawValue) sees them"
    }
  }
}

extension TensorPair {
  /// Whether both sides have more significant bits than `type`.
  fileprivate func isWider(than type: FloatType) -> Bool {
    guard let base = base.type.float, let tuned = tuned?.type.float else { return false }
    return Swift.min(base.significandBits, tuned.significandBits) > type.significandBits
  }
}
