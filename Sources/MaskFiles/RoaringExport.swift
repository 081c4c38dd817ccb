internal import ByteFormats
public import MaskModel
public import SystemPackage

/// Writes a mask as a folder: one portable roaring file a tensor, and `manifest.json`.
///
/// The manifest, of schema `maskdb.roaring/1`, has the provenance and, for each tensor, its name and
/// shape, its file, its positions, how many are set, and whether the file is of 32 or 64 bits.
public struct RoaringExport: Sendable {
  private let mask: any MaskReader
  private let provenance: MaskProvenance

  /// An export of `mask`, in the polarity that `provenance` says.
  public init(_ mask: some MaskReader, provenance: MaskProvenance) {
    self.mask = mask.polarized(provenance.polarity)
    self.provenance = provenance
  }

  /// Writes the folder.
  ///
  /// Nothing has the name `folder` before everything in it is whole. Only an earlier export, or an
  /// empty folder, is ever overwritten.
  ///
  /// - Parameters:
  ///   - folder: the name of the folder.
  ///   - overwrite: whether an earlier export of that name may go; else what exists is refused.
  ///   - progress: told the positions written since it was last told.
  /// - Throws: where something in the way may not be overwritten, the mask cannot be read or is
  ///   miscounted, or the file system refuses.
  public func write(
    to folder: FilePath,
    overwrite: Bool = false,
    progress: (Int) -> Void = { _ in }
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
    let entries = try writeTensors(to: folder, progress)
    var manifest = try AtomicFile(at: folder.appending(RoaringManifest.fileName))
    try manifest.write(RoaringManifest(provenance: provenance, entries: entries).text)
    try manifest.commit()
  }

  private func writeTensors(
    to folder: FilePath,
    _ progress: (Int) -> Void
  ) throws -> [RoaringManifest.Entry] {
    var names = SafeFileNames(suffix: ".roaring")
    return try mask.layout.tensors.enumerated().map { index, tensor in
      let name = names.next(for: tensor.name)
      try RoaringFileWriter(mask, tensor: index).write(to: folder.appending(name))
      progress(tensor.shape.count)
      return RoaringManifest.Entry(
        tensor: tensor,
        file: name,
        count: mask.count(tensor: index),
        width: RoaringWidth(positions: tensor.shape.count)
      )
    }
  }
}
