public import SystemPackage

/// Why a catalog could not be opened, read or written: what happened, to which file, and the cause.
public struct CatalogError: Error, Sendable {
  /// What happened.
  public enum Code: Sendable, Hashable {
    /// There is no file at the path.
    case missing
    /// The folder that the file is to be in does not exist.
    case noFolder
    /// The file is a database of another program, or no database.
    case foreign
    /// The file was written by a newer maskdb.
    case newer(version: Int)
    /// The file or its folder may not be written.
    case unwritable
    /// The disk is full.
    case diskFull
    /// Another process kept the file locked for longer than the busy timeout.
    case busy
    /// The contents contradict themselves; the text says where.
    case damaged(String)
    /// A run of the name exists and has another content.
    case nameTaken(String)
    /// A mask that was asked for is not, or no longer, in the catalog.
    case maskGone
    /// A run that was to be changed is no longer in the catalog.
    case runGone
    /// Another add took this one for dead and removed what it had written.
    case sessionGone
    /// A field that was to be recorded cannot be; the text says why.
    case unfitField(String)
    /// SQLite failed in another way; the text is its own.
    case storage(String)
  }

  /// What happened.
  public let code: Code
  /// The catalog.
  public let path: FilePath

  /// An error about the catalog at `path`.
  public init(_ code: Code, at path: FilePath) {
    self.code = code
    self.path = path
  }
}

extension CatalogError: CustomStringConvertible {
  /// One sentence: the file, the reason, the way out.
  public var description: String {
    switch code {
    case .missing:
      "\(path): there is no catalog here; `maskdb add` makes one, --catalog names another"
    case .noFolder:
      "\(path): there is no folder to make the catalog in; make it, or name another file with --catalog"
    case .foreign: "\(path): this is not a maskdb catalog; name another file with --catalog"
    case .newer(let version):
      "\(path): a newer maskdb wrote this catalog (version \(version)); update maskdb"
    case .unwritable:
      "\(path): the catalog cannot be written; check the permissions of it and its folder"
    case .diskFull: "\(path): the disk is full; nothing is half-written, free some space and repeat"
    case .busy: "\(path): another process keeps the catalog locked; repeat when it has finished"
    case .damaged(let detail): "\(path): the catalog is damaged: \(detail); run `maskdb verify`"
    case .nameTaken(let name):
      "\(path): a run named '\(name)' with another content exists; choose another name or `maskdb rm \(name)`"
    case .maskGone: "\(path): the mask is no longer in the catalog; another process removed it"
    case .runGone: "\(path): the run is no longer in the catalog; another process removed it"
    case .sessionGone:
      "\(path): this add was silent for so long that another removed what it had written; repeat it"
    case .unfitField(let flaw): "\(path): \(flaw)"
    case .storage(let text): "\(path): \(text)"
    }
  }
}
