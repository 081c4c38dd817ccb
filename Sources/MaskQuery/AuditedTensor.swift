internal import Checkpoints
internal import MaskModel

/// One tensor of an audit with its counterparts.
struct AuditedTensor: Sendable {
  /// The place in the mask's layout; nil where the mask has no such tensor.
  let ordinal: Int?
  let layout: TensorLayout
  let base: StoredTensor
  let trained: StoredTensor
  let reference: StoredTensor?
  /// The dtype of the comparison.
  let type: FloatType

  /// What is to be said where the base is not exact in the dtype of the comparison.
  var rounding: String? {
    guard let from = base.type.float, !from.isExact(in: type) else { return nil }
    return "\(base.name) (\(from.rawValue) as \(type.rawValue))"
  }

  /// The float parameters of `base` with their counterparts.
  static func all(
    of mask: any MaskReader,
    _ base: Checkpoint,
    _ trained: Checkpoint,
    _ reference: Checkpoint?
  ) throws(AuditError) -> [AuditedTensor] {
    var ordinals: [String: Int] = [:]
    for (ordinal, tensor) in mask.layout.tensors.enumerated() { ordinals[tensor.name] = ordinal }
    var tensors: [AuditedTensor] = []
    for tensor in base.tensors where tensor.isFloatParameter {
      let counterpart = try find(tensor, in: trained)
      let ordinal = ordinals.removeValue(forKey: tensor.name)
      if let ordinal { try check(mask.layout.tensors[ordinal], against: tensor) }
      tensors.append(
        AuditedTensor(
          ordinal: ordinal,
          layout: TensorLayout(name: tensor.name, shape: tensor.shape),
          base: tensor,
          trained: counterpart,
          reference: try reference.map { (other) throws(AuditError) in try find(tensor, in: other)
          },
          type: counterpart.type.float.flatMap { $0.isComparable ? $0 : nil } ?? .fp32
        )
      )
    }
    let stranger = ordinals.keys.filter { mask.count(tensor: ordinals[$0] ?? 0) > 0 }.min()
    if let stranger {
      throw AuditError(
        description: "the mask has weights of \(stranger), which is no parameter of "
          + "'\(base.location.reference)'; name the base that the mask was made for"
      )
    }
    return tensors
  }

  /// Throws where the mask's tensor is not of the shape of the base's.
  private static func check(
    _ masked: TensorLayout,
    against tensor: StoredTensor
  ) throws(AuditError) {
    guard masked.shape == tensor.shape else {
      throw AuditError(
        description: "the mask has \(tensor.name) of \(masked.shape), the base of "
          + "\(tensor.shape); name the base that the mask was made for"
      )
    }
  }

  private static func find(
    _ tensor: StoredTensor,
    in checkpoint: Checkpoint
  ) throws(AuditError) -> StoredTensor {
    let found = checkpoint[tensor.name]
    guard let found, found.isFloatParameter, found.shape == tensor.shape else {
      let what = found.map { "\($0.type.rawValue) \($0.shape)" } ?? "none"
      throw AuditError(
        description: "'\(checkpoint.location.reference)': the base has \(tensor.name) of "
          + "\(tensor.shape), this has \(what); name the checkpoint that was trained from the base"
      )
    }
    return found
  }
}

extension FloatType {
  /// Whether every value of the type is one of `other`.
  fileprivate func isExact(in other: FloatType) -> Bool {
    self == other || byteCount < other.byteCount && other.byteCount >= 4
      || byteCount == 1 && other == .fp16
  }
}
