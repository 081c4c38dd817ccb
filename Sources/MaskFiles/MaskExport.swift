internal import ByteFormats
public import Checkpoints
public import MaskModel
public import SystemPackage

/// Writes a mask for trainers, in any of the formats, with a manifest.
///
/// Everything is streamed: a few mebibytes, a directory of the tensors and, for roaring, 32 bytes for
/// every 65,536 positions are held. Nothing has its name before it is whole.
///
/// The mask's counts are known before the first byte is written, in every format: positions and deltas
/// have them in the header, and in the others they are what tells a mask that is damaged from one that
/// is not, before the file has its name. An expression is counted in a pass of its own for that.
public struct MaskExport: Sendable {
  let mask: any MaskReader
  let format: MaskFormat
  let provenance: MaskProvenance
  let shardSize: Int?
  let values: MaskValues?

  /// An export of `mask`, in the polarity that `provenance` says.
  ///
  /// - Parameters:
  ///   - mask: the mask.
  ///   - format: what to write; `delta` needs `values` and the polarity `trainable`.
  ///   - provenance: where the mask comes from.
  ///   - shardSize: the bytes of tensors from which on safetensors are cut into several files.
  ///   - values: where the fine-tuned values are.
  public init(
    _ mask: some MaskReader,
    as format: MaskFormat,
    provenance: MaskProvenance,
    shardSize: Int? = nil,
    values: MaskValues? = nil
  ) {
    self.mask = mask.polarized(provenance.polarity)
    self.format = format
    self.provenance = provenance
    self.shardSize = format.isSafetensors ? shardSize : nil
    self.values = values
  }

  /// Writes the file and `<path>.manifest.json`; for roaring and several shards a folder with a
  /// `manifest.json` in it.
  ///
  /// What a process that was killed left beside it goes.
  ///
  /// - Parameters:
  ///   - path: the name of the file or folder.
  ///   - overwrite: whether an earlier export of that name may go; anything else never does.
  ///   - progress: told the positions written since it was last told.
  /// - Throws: where something in the way may not be overwritten, the mask cannot be read or is
  ///   miscounted, the format cannot hold its names, or the file system refuses.
  public func write(
    to path: FilePath,
    overwrite: Bool = false,
    progress: (Int) -> Void = { _ in }
  ) throws {
    TemporaryName.sweep(path.removingLastComponent())
    if format == .roaring || shardSize != nil {
      try writeFolder(to: path, overwrite: overwrite, progress)
    } else {
      try writeFile(to: path, overwrite: overwrite, progress)
    }
  }

  private func writeFile(
    to path: FilePath,
    overwrite: Bool,
    _ progress: (Int) -> Void
  ) throws {
    let manifest = ExportManifest.path(beside: path)
    try ExportPlace.checkFile(path, manifest: manifest, overwrite: overwrite)
    var file = try AtomicFile(at: path)
    let part = ExportPart(mask: mask, file: path.lastComponent?.string ?? "")
    try writer(of: part.mask).write(to: &file, using: ReadContext(), progress: progress)
    let written = ExportManifest.File(part, byteCount: file.byteCount)
    var description = try AtomicFile(at: manifest)
    try description.write(ExportManifest(self, [written]).text)
    try file.commit()
    try description.commit()
  }

  private func writeFolder(
    to folder: FilePath,
    overwrite: Bool,
    _ progress: (Int) -> Void
  ) throws {
    let place = try ExportPlace(of: folder, overwrite: overwrite)
    let target = try AtomicFolder(at: place.path)
    do {
      try fill(target.temporary, progress)
    } catch let error as FileError where error.path.removingLastComponent() == target.temporary {
      let name = error.path.lastComponent?.string ?? ""
      throw FileError(error.action, place.path.appending(name), error.reason)
    }
    try target.commit(replacing: place.isTaken)
  }

  private func fill(_ folder: FilePath, _ progress: (Int) -> Void) throws {
    let context = ReadContext()
    var written: [ExportManifest.File] = []
    for part in try parts() {
      var file = try AtomicFile(at: folder.appending(part.file))
      try writer(of: part.mask).write(to: &file, using: context, progress: progress)
      written.append(ExportManifest.File(part, byteCount: file.byteCount))
      // The folder is on disk once all its files are: `AtomicFolder` sees to it.
      try file.commit(synchronizingFolder: false)
    }
    if format != .roaring {
      try write(try index(of: written), to: folder.appending(ExportManifest.indexName))
    }
    try write(ExportManifest(self, written).text, to: folder.appending(ExportManifest.fileName))
  }

  private func write(_ text: String, to path: FilePath) throws(FileError) {
    var file = try AtomicFile(at: path)
    try file.write(text)
    try file.commit(synchronizingFolder: false)
  }
}

/// Where the values of a delta are: a fine-tuned checkpoint and its tensors by their names in the mask.
public struct MaskValues: Sendable {
  let checkpoint: Checkpoint
  let storedName: @Sendable (String) -> String

  /// The values of `checkpoint`, whose tensor for the mask's tensor `name` is `storedName(name)`.
  public init(
    _ checkpoint: Checkpoint,
    storedName: @escaping @Sendable (String) -> String = { $0 }
  ) {
    self.checkpoint = checkpoint
    self.storedName = storedName
  }
}
