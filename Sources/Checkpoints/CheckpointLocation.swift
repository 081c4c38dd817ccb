internal import ByteFormats
public import SystemPackage

/// What a reference to a checkpoint turned out to name.
public struct CheckpointLocation: Sendable, Hashable {
  /// A commit of a model in the local Hugging Face cache.
  public struct HubModel: Sendable, Hashable {
    /// The id, `organisation/name`.
    public let id: String
    /// The commit.
    public let commit: String
    /// The branch, tag or commit that was asked for; nil where none was.
    public let requested: String?
  }

  /// What was asked for, as it was written.
  public let reference: String
  /// The file or folder that was opened.
  public let path: FilePath
  /// The model and commit, where it came from the Hugging Face cache.
  public let hub: HubModel?
}

extension CheckpointLocation {
  /// Looks for `reference`: first as a path, then in the local Hugging Face cache.
  ///
  /// Nothing is fetched. The cache is `$HF_HUB_CACHE`, else `$HF_HOME/hub`, else
  /// `~/.cache/huggingface/hub`.
  init(_ reference: String, environment: [String: String]) throws(CheckpointError) {
    let path = FilePath(reference)
    let cache = HubCache(environment: environment)
    if try Self.isThere(path) {
      self.init(reference: reference, path: path, hub: nil)
    } else if let cache, let wanted = HubReference(reference),
      let model = cache.folder(of: wanted.id)
    {
      let commit = try cache.commit(wanted.revision, of: model, wanted)
      self.init(
        reference: reference,
        path: model.appending("snapshots").appending(commit),
        hub: HubModel(id: wanted.id, commit: commit, requested: wanted.revision)
      )
    } else {
      let isID = HubReference(reference) != nil
      throw CheckpointError(.notFound(cache: isID ? cache?.path : nil), path: path)
    }
  }

  /// Whether something has that name; an error where the way to it is barred.
  private static func isThere(_ path: FilePath) throws(CheckpointError) -> Bool {
    do throws(FileError) {
      _ = try FileStatus(of: path)
      return true
    } catch {
      if error.reason == .notFound || error.reason == .notAFolder { return false }
      throw CheckpointError(error)
    }
  }
}
