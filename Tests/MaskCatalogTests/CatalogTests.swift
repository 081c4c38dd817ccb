import TestSupport
import Foundation
import GRDB
import MaskCatalog
import MaskModel
import SystemPackage
import Testing

struct CatalogTests {
  let folder: TemporaryFolder
  let path: FilePath
  let catalog: Catalog

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path.appending("masks.maskdb")
    catalog = try Catalog(at: path, ifAbsent: .created)
  }

  @Test func `a mask comes back with its bits, counts and fields`() throws {
    let plain = PlainMask(stride: 5)
    try catalog.add(plain, named: "run")
    let mask = try #require(try catalog.masks().first)
    #expect(mask.name == "run@paper" && mask.compared == sampleLayout.count)
    #expect(mask.run.fields["seed"] == RunField(key: "seed", value: "1", source: "flag"))
    let reader = try catalog.reader(of: mask)
    let context = ReadContext()
    for (tensor, counts) in try catalog.counts(of: mask).enumerated() {
      #expect(counts.marginals == plain.marginals(tensor))
      #expect(counts.exponentTotals == plain.totals(tensor))
      for number in 0..<SegmentGrid.count(positions: counts.tensor.shape.count) {
        var words = WordBuffer()
        _ = try reader.read(tensor: tensor, segment: number, into: &words, using: context)
        let expected = plain.words(tensor, segment: number)
        let isEqual = (0..<words.count).allSatisfy { words.span[$0] == expected.span[$0] }
        #expect(isEqual)
      }
    }
  }

  @Test func `a mask under way is invisible, and the next add removes what a dead one left`() throws
  {
    try catalog.add(PlainMask(stride: 7), named: "whole")
    try abandonSession(after: PlainMask(stride: 2))
    #expect(try catalog.masks().map(\.name) == ["whole@paper"])
    let size = try catalog.statistics().bytes
    // The session is of this process, which no longer works on it: as after a kill.
    let next = try catalog.beginIngest()
    #expect(try rows("SELECT count(*) FROM mask") == 1)
    #expect(try catalog.statistics().bytes <= size)
    try next.end()
  }

  @Test func `two sessions of one process leave each other alone`() throws {
    let session = try catalog.beginMask()
    let finished = try catalog.writeUnfinished(PlainMask(stride: 2), in: session)
    let other = try catalog.beginMask()
    _ = try catalog.writeUnfinished(PlainMask(stride: 3), in: other)
    #expect(try rows("SELECT count(*) FROM mask") == 2)
    try other.end()
    #expect(try rows("SELECT id FROM mask") == Int(finished.id))
    try session.end()
  }

  @Test func `a session that another host took for dead writes nothing more`() throws {
    let session = try catalog.beginIngest()
    try DatabaseQueue(path: path.string).write { try $0.execute(sql: "DELETE FROM ingest") }
    #expect(throws: CatalogError.self) { try session.write(UnwrittenRows()) }
  }

  @Test func `a number that went to another process long after keeps no session alive`() throws {
    try abandonSession(after: PlainMask(stride: 2))
    try DatabaseQueue(path: path.string).write {
      try $0.execute(sql: "UPDATE ingest SET process = \(getppid()), touched_at = 0")
    }
    _ = try catalog.beginIngest()
    #expect(try rows("SELECT count(*) FROM mask") == 0)
  }

  @Test func `exponents that contradict those of the base are refused`() throws {
    try catalog.add(PlainMask(stride: 5), named: "a")
    try DatabaseQueue(path: path.string).write {
      try $0.execute(sql: "UPDATE base_exponents SET counts = x'7801' WHERE ordinal = 0")
    }
    #expect(throws: CatalogError.self) { try catalog.add(PlainMask(stride: 6), named: "b") }
    #expect(try catalog.runs().map(\.name) == ["a"])
  }

  private func abandonSession(after mask: PlainMask) throws {
    let session = try catalog.beginMask()
    _ = try catalog.writeUnfinished(mask, in: session)
  }

  @Test func `a session of a living process is left alone`() throws {
    let session = try catalog.beginMask()
    _ = try catalog.writeUnfinished(PlainMask(stride: 2), in: session)
    try DatabaseQueue(path: path.string).write {
      try $0.execute(sql: "UPDATE ingest SET process = 1")
    }
    _ = try catalog.beginIngest()
    #expect(try rows("SELECT count(*) FROM mask") == 1)
  }

  @Test func `the same content under the same or no name is there already`() throws {
    try catalog.add(PlainMask(stride: 5), named: "run")
    for name in ["run", nil] {
      let outcome = try catalog.add(PlainMask(stride: 5), named: name)
      #expect(outcome.run == "run" && outcome.added.isEmpty && outcome.known == [definition])
    }
    #expect(try catalog.masks().count == 1)
  }

  @Test func `the same content under another name is another run`() throws {
    try catalog.add(PlainMask(stride: 5), named: "a")
    try catalog.add(PlainMask(stride: 5), named: "b")
    #expect(try catalog.runs().map(\.name) == ["a", "b"])
  }

  @Test func `a name that is taken by another content is refused and nothing is left`() throws {
    try catalog.add(PlainMask(stride: 5), named: "run")
    #expect(throws: CatalogError.self) { try catalog.add(PlainMask(stride: 6), named: "run") }
    _ = try catalog.beginIngest()
    #expect(try rows("SELECT count(*) FROM mask") == 1)
  }

  @Test func `names that are suggested are made unique`() throws {
    for stride in 2...5 { try catalog.add(PlainMask(stride: stride), named: nil) }
    #expect(try catalog.runs().map(\.name) == ["folder", "folder-2", "folder-3", "parent-folder"])
  }

  @Test func `former values and names are kept with their sources`() throws {
    try catalog.add(PlainMask(stride: 5), named: "run")
    let run = try #require(try catalog.runs().first)
    try catalog.set([RunField(key: "seed", value: "42", source: "set")], of: run)
    for zero in [("seed", "4\0"), ("no\0te", "x")] {
      do throws(CatalogError) {
        try catalog.set([RunField(key: zero.0, value: zero.1, source: "set")], of: run)
        Issue.record("a field with U+0000 was kept")
      } catch {
        #expect(error.description.contains("U+0000"))
      }
    }
    try catalog.rename(run, to: "other", source: "rename")
    let renamed = try #require(try catalog.runs().first)
    #expect(renamed.name == "other" && renamed.value("seed") == "42")
    let history = try catalog.history(of: renamed).map { "\($0.field.key)=\($0.field.value)" }
    #expect(history == ["seed=1", "seed=42", "name=run", "name=other"])
  }

  @Test func `removing a run takes its masks, segments and pairs, and the space`() throws {
    try catalog.add(PlainMask(stride: 2), named: "a")
    try catalog.add(PlainMask(stride: 3), named: "b")
    let masks = try catalog.masks()
    try catalog.keep([PairCount(masks[1].id, masks[0].id, intersections: [7, 1])])
    #expect(try catalog.pairCounts(among: masks).map(\.intersections) == [[7, 1]])
    let size = try catalog.statistics().bytes
    try catalog.remove(masks[0].run)
    #expect(try catalog.pairCounts(among: masks).isEmpty)
    #expect(try rows("SELECT count(*) FROM segment") == 3)
    #expect(try catalog.statistics().bytes < size)
    try catalog.remove(masks[1])
    for table in ["run", "base", "layout", "tensor", "segment", "mask_tensor", "run_field"] {
      #expect(try rows("SELECT count(*) FROM \(table)") == 0, "\(table)")
    }
  }

  @Test func `counts of a removed mask are not kept`() throws {
    try catalog.add(PlainMask(stride: 2), named: "a")
    let mask = try #require(try catalog.masks().first)
    try catalog.keep([PairCount(mask.id, 99, intersections: [1, 1])])
    #expect(try rows("SELECT count(*) FROM pair") == 0)
  }

  @Test func `a changed byte of a segment is found on reading`() throws {
    try catalog.add(PlainMask(stride: 5), named: "a")
    let mask = try #require(try catalog.masks().first)
    try DatabaseQueue(path: path.string).write { database in
      try database.execute(sql: "UPDATE segment SET checksum = checksum + 1 WHERE number = 1")
    }
    var words = WordBuffer()
    let reader = try catalog.reader(of: mask)
    #expect {
      try reader.read(tensor: 0, segment: 1, into: &words, using: ReadContext())
    } throws: {
      "\($0)".contains("segment 1 of layers.0.w in a@paper: its checksum does not match")
    }
  }

  @Test func `the views name masks as the tool does`() throws {
    try catalog.add(PlainMask(stride: 5), named: "run")
    let names = try DatabaseQueue(path: path.string).read { database in
      try String.fetchAll(database, sql: "SELECT mask FROM masks")
    }
    #expect(names == ["run@paper"])
    #expect(try rows("SELECT count(*) FROM mask_tensors WHERE tensor = 'norm'") == 1)
    #expect(try rows("SELECT count(*) FROM runs WHERE seed = '1'") == 1)
  }

  private func rows(_ sql: String) throws -> Int {
    try DatabaseQueue(path: path.string).read { try Int.fetchOne($0, sql: sql) ?? -1 }
  }
}
