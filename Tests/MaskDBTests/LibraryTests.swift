import Foundation
import MaskDB
import Testing

/// The library as a stranger uses it: through one import.
struct LibraryTests {
  private static let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Samples").standardizedFileURL.path

  @Test func `one import adds checkpoints and asks how their masks overlap`() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let catalog = try Catalog(
      at: .init(folder.appendingPathComponent("masks.maskdb").path),
      ifAbsent: .created
    )
    let options = ComparisonOptions(
      definitions: [try DefinitionRequest(parsing: "paper")],
      threads: 2,
      environment: [:]
    )
    let items = ["grpo-add-s0", "grpo-add-s1"].map { AddItem(reference: "\(Self.samples)/\($0)") }
    let reports = try MaskAdder(to: catalog, options: options, progress: Silence())
      .add(items, base: "\(Self.samples)/base")

    let measured = try measuredCounts()
    #expect(reports.map { $0.added.first?.count } == items.map { measured[$0.reference] })

    let query = OverlapQuery(counter: PairCounter(), nulls: [.global], environment: [:])
    let masks = try CatalogSet([catalog]).all
    let pairs = try await query.pairs(of: masks) { try $1.keep($0) }
    let table = try #require(pairs.first?.metrics.table)
    #expect(pairs.count == 1 && table.countA + table.countB - table.intersection == table.union)
    #expect(try catalog.pairCounts(among: catalog.masks()).count == 1)
  }

  @Test func `a taken name is refused before the first tensor is read where that is known`() throws
  {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let catalog = try Catalog(
      at: .init(folder.appendingPathComponent("masks.maskdb").path),
      ifAbsent: .created
    )
    let paper = [try DefinitionRequest(parsing: "paper")]
    let options = ComparisonOptions(definitions: paper, threads: 2, environment: [:])
    func add(_ run: String, as name: String) throws -> Bytes {
      let bytes = Bytes()
      let item = AddItem(reference: "\(Self.samples)/\(run)", name: name)
      do {
        _ = try MaskAdder(to: catalog, options: options, progress: bytes)
          .add([item], base: "\(Self.samples)/base")
      } catch let error as CatalogError {
        #expect(error.code == .nameTaken(name))
        bytes.isRefused = true
      }
      return bytes
    }
    for run in ["grpo-add-s0", "grpo-add-s1"] { #expect(try add(run, as: run).expected > 0) }
    let refused = try add("grpo-add-s1", as: "grpo-add-s0")
    #expect(refused.isRefused && refused.expected == 0)
  }

  /// What torch counted, by the path of the run: Samples/measured.json.
  private func measuredCounts() throws -> [String: Int] {
    let data = try Data(contentsOf: URL(fileURLWithPath: Self.samples + "/measured.json"))
    let runs = try #require(try JSONValue(parsing: [UInt8](data))["runs"]?.array)
    return Dictionary(
      uniqueKeysWithValues: try runs.map { run in
        ("\(Self.samples)/\(try #require(run["path"]?.string))", try #require(run["changed"]?.int))
      }
    )
  }
}

private struct Silence: ProgressReporter {
  func expect(bytes: Int) {}
  func advance(bytes: Int) {}
}

private final class Bytes: ProgressReporter, @unchecked Sendable {
  var isRefused = false
  private(set) var expected = 0
  // `expect` is called by the adding task alone.
  func expect(bytes: Int) { expected += bytes }
  func advance(bytes: Int) {}
}
