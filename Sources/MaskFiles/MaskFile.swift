internal import Checkpoints
internal import MaskModel
public import SystemPackage

/// An opened mask file of any kind: which tensors it speaks of, and their bits on demand.
///
/// No byte is believed, nothing is executed, and nothing is held but the names and, of one tensor at a
/// time, a list of positions that does not rise.
public struct MaskFile: Sendable {
  /// What kinds of files there are.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case safetensors, pt, packed, indices, delta, npz, roaring
    /// TALL-masks: `numpy.packbits` of all tensors in one vector, in the order of their names.
    case tall
    /// PEFT's SHiRA: rows and columns of every adapted matrix.
    case shira
    /// composable-sft: column-major steps.
    case sft
  }

  struct Tensor: Sendable {
    /// The shape that the file gives; nil where it gives none.
    let shape: [Int]?
    let bits: any TensorBits
  }

  /// The file or folder.
  public let path: FilePath
  /// What kind it is.
  public let kind: Kind
  /// What the file says of itself.
  public let metadata: [String: String]
  /// The tensors that the mask does not, or not wholly, cover, as an export of ours says.
  public let skipped: [PartTensor]
  let tensors: [String: Tensor]
  /// The set positions of its tensors, where a manifest states them.
  var statedCounts: [String: Int] = [:]

  /// A file of `tensors` that says `metadata` of itself.
  ///
  /// - Throws: where these do not say what a mask covers as exports do.
  init(
    path: FilePath,
    kind: Kind,
    metadata: [String: String],
    tensors: [String: Tensor]
  ) throws(MaskImportError) {
    self.path = path
    self.kind = kind
    self.metadata = metadata
    self.tensors = tensors
    skipped = try MaskMetadata.skipped(in: metadata, of: path)
  }

  /// What the set positions mean, where the file says it or its kind does.
  public var polarity: MaskPolarity? {
    switch kind {
    case .delta, .shira, .sft: .trainable
    default: metadata["polarity"].flatMap(MaskPolarity.init(rawValue:))
    }
  }

  /// Whether a tensor that the file does not speak of has no changed position.
  var isSparse: Bool {
    switch kind {
    case .delta, .indices: metadata["shapes"] == nil
    case .shira, .sft: true
    default: false
    }
  }
}
