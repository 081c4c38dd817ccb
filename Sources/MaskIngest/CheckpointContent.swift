public import ByteFormats
public import Checkpoints
public import MaskCatalog
internal import MaskModel

/// The content of a checkpoint, whatever its files.
public enum CheckpointContent {
  /// The digest of the names, dtypes, shapes and bytes of all tensors of `checkpoint`.
  ///
  /// Taken from `catalog` where it has read these files before; else everything is read, on `threads`
  /// threads.
  public static func digest(
    of checkpoint: Checkpoint,
    knownBy catalog: Catalog,
    threads: Int
  ) throws -> ContentDigest {
    let known = try catalog.contentDigest(of: checkpoint.fingerprint.digest)
    return try known ?? checkpoint.contentDigest(threads: threads)
  }
}
