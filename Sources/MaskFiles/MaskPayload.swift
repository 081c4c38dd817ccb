internal import ByteFormats
internal import Checkpoints
internal import MaskModel

/// One array of a mask file: what it holds of which tensor.
struct MaskPayload {
  /// What an array holds.
  enum Content {
    /// A byte of 0 or 1 for every position.
    case bools
    /// A bit for every position, the first the most significant of its byte.
    case packed
    /// The set positions, rising, of 4 or 8 bytes each.
    case indices(width: Int)
    /// The values of a checkpoint at the set positions.
    case values(StoredTensor, Checkpoint)
  }

  let content: Content
  /// The tensor of the mask.
  let tensor: Int
  /// The name of the array.
  let name: String
  /// The dtype as safetensors calls it.
  let type: String
  /// The dimensions of the array.
  let shape: [Int]
  /// The bytes of one element.
  let width: Int

  /// The bytes of the array.
  var byteCount: Int { shape.reduce(width, *) }
}

extension MaskPayload {
  static func bools(_ tensor: Int, of layout: ModelLayout) -> MaskPayload {
    let entry = layout.tensors[tensor]
    return MaskPayload(
      content: .bools,
      tensor: tensor,
      name: entry.name,
      type: "BOOL",
      shape: entry.shape.dimensions,
      width: 1
    )
  }

  static func packed(_ tensor: Int, of layout: ModelLayout) -> MaskPayload {
    let entry = layout.tensors[tensor]
    return MaskPayload(
      content: .packed,
      tensor: tensor,
      name: entry.name,
      type: "U8",
      shape: [(entry.shape.count + 7) / 8],
      width: 1
    )
  }

  /// Of 4 bytes where all positions of the tensor fit.
  static func indices(_ tensor: Int, of mask: any MaskReader) -> MaskPayload {
    let entry = mask.layout.tensors[tensor]
    let width = entry.shape.count > 1 << 31 ? 8 : 4
    return MaskPayload(
      content: .indices(width: width),
      tensor: tensor,
      name: entry.name + ".indices",
      type: width == 8 ? "I64" : "I32",
      shape: [mask.count(tensor: tensor)],
      width: width
    )
  }

  static func values(
    _ tensor: Int,
    of mask: any MaskReader,
    from stored: StoredTensor,
    _ checkpoint: Checkpoint
  ) -> MaskPayload {
    MaskPayload(
      content: .values(stored, checkpoint),
      tensor: tensor,
      name: mask.layout.tensors[tensor].name + ".values",
      type: stored.type.rawValue,
      shape: [mask.count(tensor: tensor)],
      width: stored.type.bitWidth / 8
    )
  }
}
