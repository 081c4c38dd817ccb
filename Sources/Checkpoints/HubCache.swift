internal import ByteFormats
internal import SystemPackage

/// The local cache of the Hugging Face hub.
///
/// Never asks the network.
///
/// Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache: a model is the folder
/// `models--ORGANISATION--NAME` with `refs/BRANCH` (a file that holds a commit) and
/// `snapshots/COMMIT/`, whose files are links into `blobs/`.
struct HubCache: Sendable {
  let path: FilePath

  /// The cache that `environment` names; nil where it has not even a home.
  init?(environment: [String: String]) {
    func folder(_ variable: String) -> FilePath? {
      guard let value = environment[variable], !value.isEmpty else { return nil }
      guard value.hasPrefix("~/"), let home = environment["HOME"] else { return FilePath(value) }
      return FilePath(home).appending(String(value.dropFirst(2)))
    }
    let general = folder("XDG_CACHE_HOME") ?? folder("HOME")?.appending(".cache")
    let home = folder("HF_HOME") ?? general?.appending("huggingface")
    let cache = folder("HF_HUB_CACHE") ?? folder("HUGGINGFACE_HUB_CACHE") ?? home?.appending("hub")
    guard let cache else { return nil }
    path = cache
  }

  /// The folder of a model; nil where the cache has none.
  func folder(of id: String) -> FilePath? {
    let name = "models--" + id.split(separator: "/").joined(separator: "--")
    let folder = path.appending(name)
    return Folder.kind(of: folder) == .folder ? folder : nil
  }

  /// The commit that `revision` means: a branch or tag, a commit, or the only one that begins so.
  ///
  /// Without a revision: `main`, else the only commit there is.
  func commit(
    _ revision: String?,
    of model: FilePath,
    _ wanted: HubReference
  ) throws(CheckpointError) -> String {
    let cached = (try? Folder.names(in: model.appending("snapshots"))) ?? []
    let name = revision ?? "main"
    let path = FilePath(wanted.id)
    if let commit = branch(name, of: model) {
      if cached.contains(commit) { return commit }
      throw CheckpointError(.revisionNotFound(revision: commit, cached: cached), path: path)
    }
    let matches = revision.map { prefix in cached.filter { $0.hasPrefix(prefix) } } ?? cached
    if matches.count == 1 { return matches[0] }
    if matches.count > 1, revision != nil {
      throw CheckpointError(.revisionAmbiguous(revision: name, matches: matches), path: path)
    }
    throw CheckpointError(.revisionNotFound(revision: name, cached: cached), path: path)
  }

  private func branch(_ name: String, of model: FilePath) -> String? {
    let file = model.appending("refs").pushing(FilePath(name))
    guard let bytes = try? ReadableFile.contents(of: file, limit: 1024) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return String(text.prefix { !$0.isWhitespace })
  }
}
