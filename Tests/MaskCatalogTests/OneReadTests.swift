import Dispatch
import GRDB
import MaskCatalog
import SystemPackage
import TestSupport
import Testing

@Suite struct `Several questions in one read` {
  let folder: TemporaryFolder
  let path: FilePath
  let catalog: Catalog

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path.appending("masks.maskdb")
    catalog = try Catalog(at: path, ifAbsent: .created)
    try catalog.add(PlainMask(stride: 5), named: "run")
  }

  private func renameFromOutside() throws {
    try DatabaseQueue(path: path.string).write { database in
      try database.execute(sql: "UPDATE run SET name = 'other'")
    }
  }

  @Test func `are answered from one state, for writers wait`() throws {
    try catalog.inOneRead {
      let masks = try catalog.masks()
      #expect(throws: DatabaseError.self) { try renameFromOutside() }
      #expect(try catalog.masks().map(\.name) == masks.map(\.name))
      #expect(try catalog.inOneRead { try catalog.runs().map(\.name) } == ["run"])
    }
    try renameFromOutside()
    #expect(try catalog.runs().map(\.name) == ["other"])
  }

  @Test(.timeLimit(.minutes(1)))
  func `of two catalogs are taken in one order, whatever order they are named in`() throws {
    let other = try Catalog(at: folder.path.appending("other.maskdb"), ifAbsent: .created)
    try other.add(PlainMask(stride: 5), named: "run")
    let pairs = [[catalog, other], [other, catalog]]
    DispatchQueue.concurrentPerform(iterations: 2) { task in
      for _ in 0..<200 {
        let found = try? Catalog.inFewReads(of: pairs[task], pairs[task]) { try $0.masks().count }
        #expect(found == [1, 1])
      }
    }
  }

  @Test func `may end in an error of any kind, and the next is answered`() throws {
    struct Other: Error {}
    #expect(throws: Other.self) {
      try catalog.inOneRead {
        _ = try catalog.masks()
        throw Other()
      }
    }
    #expect(throws: CatalogError.self) {
      try catalog.inOneRead { try catalog.layout(17) }
    }
    #expect(try catalog.masks().count == 1)
    try renameFromOutside()
  }
}
