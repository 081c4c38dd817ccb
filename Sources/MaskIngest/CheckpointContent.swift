public import ByteFormats
public import Checkpoints
public import MaskCatalog
internal import MaskModel

/// The content of a checkpoint, whatever its files.
public enum CheckpointContent {
  /// The digest of the names, dtypes, shapes and bytes of all tensors of `checkpoint`.
  ///
  /// Taken from `catalog` where it has read these files before; else everything is read.
  public static func digest(
    of checkpoint: Checkpoint,
    knownBy catalog: Catalog
  ) throws -> ContentDigest {
    let fingerprint = checkpoint.fingerprint.digest
    if let known = try catalog.contentDigest(of: fingerprint) { return known }
    let tally = ContentTally(checkpoint)
    let block = BlockValues()
    for tensor in checkpoint.tensors {
      for index in 0..<Block.count(positions: tensor.shape.count) {
        try block.load(tensor, Block.range(index, positions: tensor.shape.count), of: checkpoint)
        tally.note(block.digest, block: index, of: tensor)
      }
    }
    try checkpoint.checkUnchanged()
    return tally.finish()
  }
}
