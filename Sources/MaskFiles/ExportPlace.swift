internal import ByteFormats
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

  /// Throws unless the folder is empty, or has a manifest of ours and otherwise roaring files alone.
  private static func checkIsExport(_ folder: FilePath) throws {
    let names = try Folder.names(in: folder)
    let manifest = RoaringManifest.fileName
    if let stranger = names.first(where: { $0 != manifest && !$0.hasSuffix(".roaring") }) {
      throw MaskFileError.notAnExport(folder, found: stranger)
    }
    guard let first = names.first, try !hasManifest(folder) else { return }
    throw MaskFileError.notAnExport(folder, found: first)
  }

  /// Whether the manifest is one of this schema, of any version.
  private static func hasManifest(_ folder: FilePath) throws -> Bool {
    let path = folder.appending(RoaringManifest.fileName)
    guard Folder.kind(of: path) == .file, let bytes = try ReadableFile.contents(of: path),
      let schema = (try? JSONValue(parsing: bytes))?["schema"]?.string
    else { return false }
    return schema.hasPrefix("maskdb.roaring/")
  }
}
