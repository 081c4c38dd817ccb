internal import ByteFormats
internal import GRDB
internal import SystemPackage

extension Catalog {
  /// Whether the file at `path` is to be made a catalog (true) or is one (false); throws otherwise.
  ///
  /// Looks at the header's bytes, so that a stranger's database is not opened, let alone changed.
  static func claim(_ path: FilePath, ifAbsent absence: Absence) throws -> Bool {
    guard let header = try header(of: path), !header.isEmpty else {
      return try blank(path, ifAbsent: absence)
    }
    guard header.starts(with: Header.magic) else { throw CatalogError(.foreign, at: path) }
    var identity = Header(header)
    if identity.owner == 0 {
      // Another process may be making the file, or died while it did: SQLite knows, under its locks.
      identity = try asked(path)
      if identity.isBlank { return try blank(path, ifAbsent: absence) }
    }
    guard identity.owner == CatalogSchema.applicationID else {
      throw CatalogError(.foreign, at: path)
    }
    guard identity.version <= CatalogSchema.version else {
      throw CatalogError(.newer(version: identity.version), at: path)
    }
    return false
  }

  /// True where a catalog is to be made of nothing; nothing is no catalog to ask.
  private static func blank(_ path: FilePath, ifAbsent absence: Absence) throws -> Bool {
    guard absence == .created else { throw CatalogError(.missing, at: path) }
    let folder = path.removingLastComponent()
    guard folder.isEmpty || Folder.kind(of: folder) == .folder else {
      throw CatalogError(.noFolder, at: path)
    }
    try Folder.checkWritable(folder.isEmpty ? "." : folder)
    return true
  }

  /// The first hundred bytes, fewer of a shorter file; nil where there is no file.
  private static func header(of path: FilePath) throws -> [UInt8]? {
    do {
      let file = try ReadableFile(at: path)
      return try file.bytes(0..<min(Header.size, file.size))
    } catch {
      guard error.reason == .notFound else { throw error }
      return nil
    }
  }

  private static func hasJournal(_ path: FilePath) throws -> Bool {
    try header(of: FilePath(path.string + "-journal")).map { !$0.isEmpty } ?? false
  }

  /// What SQLite says of the file; with a journal beside it, after undoing what is unfinished.
  private static func asked(_ path: FilePath) throws -> Header {
    var configuration = Configuration()
    configuration.readonly = try !hasJournal(path)
    configuration.busyMode = .timeout(patience)
    do {
      return try DatabaseQueue(path: plainName(path), configuration: configuration).read(header)
    } catch let error as DatabaseError where error.resultCode != .SQLITE_BUSY {
      throw CatalogError(.foreign, at: path)
    }
  }

  private static func header(_ database: Database) throws -> Header {
    Header(
      owner: try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
      version: try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0,
      isBlank: try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
    )
  }
}

/// What the header of an SQLite file says of its owner.
///
/// Source: "Database File Format", section 1.3.
private struct Header {
  static let size = 100
  static let magic = Array("SQLite format 3\0".utf8)

  let owner: Int32
  let version: Int
  let isBlank: Bool

  init(owner: Int32, version: Int, isBlank: Bool) {
    self.owner = owner
    self.version = version
    self.isBlank = isBlank
  }

  init(_ bytes: [UInt8]) {
    func integer(at offset: Int) -> UInt32 {
      bytes.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
    self.init(
      owner: Int32(bitPattern: integer(at: 68)),
      version: Int(integer(at: 60)),
      isBlank: false
    )
  }
}
