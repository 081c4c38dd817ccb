internal import ByteFormats
internal import Checkpoints
internal import SystemPackage

/// Where an export goes, once it is known that nothing there is lost but an earlier export.
struct ExportPlace {
  /// The folder, behind symbolic links where it exists.
  let path: FilePath
  /// Whether it exists and is to be replaced.
  let isTaken: Bool

  init(of folder: FilePath, overwrite: Bool) throws {
    isTaken = Folder.kind(of: folder) != nil
    guard isTaken else {
      path = folder
      return
    }
    guard overwrite else { throw MaskFileError.exists(folder) }
    path = try Folder.resolve(folder)
    try Self.checkIsExport(path)
  }

  /// Throws unless the folder is empty, or has a manifest of ours and otherwise what that lists.
  private static func checkIsExport(_ folder: FilePath) throws {
    let names = try Folder.names(in: folder)
    let manifest = try ExportManifest.read(folder.appending(ExportManifest.fileName))
    let known = manifest.map(ExportManifest.names) ?? []
    guard let stranger = names.first(where: { !known.contains($0) }) else { return }
    throw MaskFileError.notAnExport(folder, found: stranger)
  }

  /// Refuses what is at `path` or `manifest`, unless it may go and is an export of ours.
  ///
  /// A manifest of ours whose mask was removed speaks of nothing, and goes unasked.
  static func checkFile(_ path: FilePath, manifest: FilePath, overwrite: Bool) throws {
    guard overwrite || Folder.kind(of: path) == nil else { throw MaskFileError.exists(path) }
    if Folder.kind(of: path) != nil, try !isExport(path) {
      throw MaskFileError.notAnExport(path, found: "other content")
    }
    if Folder.kind(of: manifest) != nil, try ExportManifest.read(manifest) == nil {
      throw MaskFileError.notAnExport(manifest, found: "other content")
    }
  }

  /// Whether the file at `path` has the mark of our exports in its metadata.
  private static func isExport(_ path: FilePath) throws -> Bool {
    _ = try ReadableFile(at: path)
    if let file = try? SafetensorsFile(at: path) {
      return file.metadata[MaskMetadata.mark] != nil
    }
    guard let zip = try? ZipArchive(at: path) else { return false }
    return zip.members.contains {
      $0.name == MaskMetadata.member || $0.name == "mask/\(MaskMetadata.member)"
    }
  }
}
