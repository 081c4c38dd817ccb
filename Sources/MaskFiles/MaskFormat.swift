/// The formats that masks are written in.
public enum MaskFormat: String, Sendable, Hashable, CaseIterable {
  /// Safetensors with the model's names and shapes, one BOOL a weight.
  case safetensors
  /// `torch.save` of a dictionary from names to bool tensors.
  case pt
  /// Safetensors with eight weights a byte in the order of `numpy.packbits`; the shapes are metadata.
  case packed
  /// Safetensors with the flat row-major positions of every tensor as `<name>.indices`.
  case indices
  /// As `indices`, with the fine-tuned values there as `<name>.values`.
  case delta
  /// `numpy.savez` of one bool array a tensor.
  case npz
  /// A folder with one portable roaring bitmap a tensor.
  case roaring

  /// Whether a file of the format may be cut into several with an index.
  public var isSafetensors: Bool {
    switch self {
    case .safetensors, .packed, .indices, .delta: true
    case .pt, .npz, .roaring: false
    }
  }
}
