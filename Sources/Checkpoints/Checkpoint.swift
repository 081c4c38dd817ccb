public import ByteFormats
internal import MaskModel

/// The weights of a model in safetensors files: which tensors there are, and their bytes.
///
/// Opening reads and checks the headers; bytes of tensors are read on demand, by any number of
/// tasks at once. Every file stays open as long as the checkpoint is kept.
public struct Checkpoint: Sendable {
  /// What was opened.
  public let location: CheckpointLocation
  /// The tensors in natural order of their names.
  public let tensors: [StoredTensor]
  /// What a reader should know.
  public let notices: [CheckpointNotice]
  /// What config.json beside the weights holds; nil where there is none.
  public let config: JSONValue?
  /// Whether the output head is the embedding, by config.json or for want of a stored head.
  public let tiesWordEmbeddings: Bool
  /// What tells whether two openings saw the same files.
  public let fingerprint: CheckpointFingerprint
  /// The open files of weights, which `StoredTensor.fileIndex` counts.
  public let files: [ReadableFile]
  private let places: [String: Int]

  /// Opens what `reference` names.
  ///
  /// That is a `.safetensors` file, the index of a sharded checkpoint, a folder with either, or
  /// `organisation/name[@revision]` in the local Hugging Face cache, which `environment` may move
  /// as `huggingface_hub` allows. A path that exists wins. Nothing is fetched or executed.
  ///
  /// Cost: reads all headers; where a tied head is stored, also that and the embedding.
  public init(
    at reference: String,
    environment: [String: String] = [:]
  ) throws(CheckpointError) {
    let location = try CheckpointLocation(reference, environment: environment)
    var opening = try CheckpointOpening(location)
    try opening.nameTensors()
    try opening.refuseUnmergedLoRA()
    opening.findScales()
    try opening.dropTiedHead()
    opening.noticeTypes()
    self.location = location
    tensors = opening.tensors
    notices = opening.notices
    config = opening.config
    tiesWordEmbeddings = opening.tiesWordEmbeddings
    fingerprint = try CheckpointFingerprint(opening)
    files = opening.files.map(\.file)
    places = Dictionary(uniqueKeysWithValues: zip(tensors.map(\.name), tensors.indices))
  }

  /// The tensor with the canonical name `name`.
  public subscript(name: String) -> StoredTensor? { places[name].map { tensors[$0] } }

  /// The bytes of all tensors.
  public var byteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }
}
