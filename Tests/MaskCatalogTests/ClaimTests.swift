import TestSupport
import ByteFormats
import Dispatch
import Foundation
import GRDB
import MaskCatalog
import Synchronization
import SystemPackage
import Testing

/// Whose file it is, before anything is read from or written to it.
struct ClaimTests {
  let folder: TemporaryFolder
  let path: FilePath

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path.appending("masks.maskdb")
  }

  private func code(_ absence: Catalog.Absence = .refused) -> CatalogError.Code? {
    do throws(CatalogError) {
      _ = try Catalog(at: path, ifAbsent: absence)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func `a missing catalog is not made by a question`() {
    #expect(code() == .missing)
    #expect(!FileManager.default.fileExists(atPath: path.string))
  }

  @Test func `a catalog is made by the first write and not by what comes before`() throws {
    let catalog = try Catalog(at: path, ifAbsent: .created)
    #expect(try catalog.masks().isEmpty)
    #expect(try Folder.names(in: folder.path).isEmpty)
    try catalog.beginIngest().end()
    #expect(try Catalog(at: path).masks().isEmpty)
  }

  @Test func `a catalog that another makes meanwhile is read and written`() throws {
    let early = try Catalog(at: path, ifAbsent: .created)
    #expect(try early.masks().isEmpty)
    try Catalog(at: path, ifAbsent: .created).add(PlainMask(stride: 9), named: "first")
    #expect(try early.masks().map(\.name) == ["first@paper"])
    try early.beginIngest().end()
    #expect(try Catalog(at: path).masks().count == 1)
  }

  @Test func `many that make one catalog at once all begin in it`() throws {
    let catalogs = try (0..<8).map { _ in try Catalog(at: path, ifAbsent: .created) }
    let sessions = Mutex<[Result<IngestSession, any Error>]>([])
    DispatchQueue.concurrentPerform(iterations: catalogs.count) { index in
      let session = Result { try catalogs[index].beginIngest() }
      sessions.withLock { $0.append(session) }
    }
    let begun = try sessions.withLock { $0 }.map { try $0.get() }
    let count = try DatabaseQueue(path: path.string).read { database in
      try Int.fetchOne(database, sql: "SELECT count(*) FROM ingest")
    }
    #expect(count == catalogs.count)
    for session in begun { try session.end() }
  }

  @Test func `another program's database is refused and left as it was`() throws {
    try DatabaseQueue(path: path.string).write { try $0.execute(sql: "CREATE TABLE t (x)") }
    let before = try Data(contentsOf: URL(fileURLWithPath: path.string))
    #expect(code(.created) == .foreign)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path.string)) == before)
  }

  @Test func `a text file and a folder are refused`() throws {
    try Data("not a database at all".utf8).write(to: URL(fileURLWithPath: path.string))
    #expect(code(.created) == .foreign)
    try FileManager.default.removeItem(atPath: path.string)
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
    #expect(code(.created) == .foreign)
  }

  @Test func `a catalog of a newer maskdb is refused by its version`() throws {
    try Catalog(at: path, ifAbsent: .created).beginIngest().end()
    try DatabaseQueue(path: path.string).write { try $0.execute(sql: "PRAGMA user_version = 7") }
    #expect(code() == .newer(version: 7))
  }

  @Test(arguments: [(0, 1024), (1 << 25, 4096), (1 << 27, 16_384), (.max, 16_384)])
  func `pages are as large as the masks need`(positions: Int, size: Int) throws {
    try Catalog(at: path, ifAbsent: .created).beginIngest(positions: positions).end()
    let found = try DatabaseQueue(path: path.string).read { database in
      try Int.fetchOne(database, sql: "PRAGMA page_size")
    }
    #expect(found == size)
    try Catalog(at: path, ifAbsent: .created).beginIngest(positions: 1 << 26).end()
    #expect(try Catalog(at: path).statistics().bytes % size == 0)
  }

  @Test func `the schema is the one in Schemas`() throws {
    try Catalog(at: path, ifAbsent: .created).beginIngest().end()
    let statements = try DatabaseQueue(path: path.string).read { database in
      try String.fetchAll(
        database,
        sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name <> 'sqlite_sequence'"
      )
    }
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Schemas/catalog.sql")
    let documented = try String(contentsOf: file, encoding: .utf8)
    #expect(statements.map { $0 + ";\n" }.joined() == documented)
  }

  @Test func `SQLite itself refuses what contradicts the rules`() throws {
    try Catalog(at: path, ifAbsent: .created).add(PlainMask(stride: 3), named: "run")
    let violations = [
      "INSERT INTO run (name, base_id, digest, location, added_at) VALUES ('a b', 1, zeroblob(16), '', '')",
      "INSERT INTO run (name, base_id, digest, location, added_at) VALUES ('.a', 1, zeroblob(16), '', '')",
      "UPDATE mask SET count = compared + 1",
      "UPDATE mask SET run_id = NULL",
      "UPDATE mask SET compare_dtype = 'int8'",
      "UPDATE segment SET mask_id = 99",
      "UPDATE segment SET count = 'many'",
      "DELETE FROM base",
      "INSERT INTO pair VALUES (1, 1, x'00')",
    ]
    let database = try DatabaseQueue(path: path.string)
    for sql in violations {
      #expect(throws: DatabaseError.self, "\(sql)") {
        try database.write { try $0.execute(sql: sql) }
      }
    }
  }
}
