import Foundation
import MaskCatalog
import MaskIngest
import MaskModel
import SystemPackage
import TestSupport
import Testing

struct MaskStorerTests {
  let folder: TemporaryFolder
  let catalog: Catalog
  let base: BaseRecord

  init() throws {
    folder = try TemporaryFolder()
    catalog = try Catalog(at: folder.path.appending("masks.maskdb"), ifAbsent: .created)
    base = try Checkpoints.addRun(to: catalog, in: folder)
  }

  @Test func `a mask of any reader comes back with its bits, counts and lineage`() throws {
    let mask = ArithmeticMask(layout: try layout(), stride: 97)
    let report = try store(mask, named: "scattered")
    #expect(report.isNew && report.run == "scattered" && report.count == mask.total)
    let stored = try #require(try catalog.masks().first { $0.run.name == "scattered" })
    #expect(stored.name == "scattered@derived" && stored.definition.compareType == nil)
    #expect(stored.lineage == lineage && stored.digest == report.digest)
    #expect(stored.count == mask.total && stored.compared == mask.layout.count)
    let reader = try catalog.reader(of: stored)
    let context = ReadContext()
    var found = WordBuffer()
    var expected = WordBuffer()
    for (tensor, counts) in try catalog.counts(of: stored).enumerated() {
      #expect(counts.marginals == mask.marginals(tensor))
      for number in 0..<SegmentGrid.count(positions: counts.tensor.shape.count) {
        _ = try reader.read(tensor: tensor, segment: number, into: &found, using: context)
        _ = try mask.read(tensor: tensor, segment: number, into: &expected, using: context)
        let isEqual = (0..<found.count).allSatisfy { found.span[$0] == expected.span[$0] }
        #expect(isEqual)
      }
    }
  }

  @Test func `a mask is counted by binade within its domain, and the base with it`() throws {
    let layout = try layout()
    let mask = ArithmeticMask(layout: layout, stride: 97)
    let plane = ArithmeticBinades(layout: layout)
    let domain = layout.tensors.enumerated().map { tensor, layout in
      TensorDomain(
        compared: tensor == 0 ? layout.shape.count : 0,
        reason: tensor == 0 ? nil : "left out",
        baseType: "BF16",
        tunedType: nil
      )
    }
    let report = try store(
      mask.within(1),
      named: "counted",
      domain: domain,
      binades: plane,
      as: .fp32
    )
    #expect(report.isNew)
    let stored = try #require(try catalog.masks().first { $0.run.name == "counted" })
    let counts = try catalog.counts(of: stored)
    #expect(counts[0].exponentTotals == plane.totals(0, stride: 1))
    #expect(counts[0].marginals.exponents == plane.totals(0, stride: 97))
    #expect(counts[1].exponentTotals == nil && counts[1].marginals.exponents == nil)
  }

  @Test func `binades that contradict those of the base leave nothing`() throws {
    let layout = try layout()
    let mask = ArithmeticMask(layout: layout, stride: 97)
    try store(mask, named: "first", binades: ArithmeticBinades(layout: layout), as: .fp32)
    let before = try catalog.statistics()
    #expect(throws: CatalogError.self) {
      let others = ArithmeticBinades(layout: layout, first: 90)
      try store(mask, named: "second", binades: others, as: .fp32)
    }
    #expect(try catalog.statistics().segments == before.segments)
  }

  @Test func `the threads and the order of segments change nothing`() throws {
    let mask = ArithmeticMask(layout: try layout(), stride: 89)
    let digests = try [1, 2, 5].map { threads in
      try store(mask, named: "threads-\(threads)", threads: threads).digest
    }
    #expect(Set(digests).count == 1)
  }

  @Test func `the same mask made in the same way is there already`() throws {
    let mask = ArithmeticMask(layout: try layout(), stride: 83)
    #expect(try store(mask, named: "a").isNew)
    let again = try store(mask, named: "a")
    #expect(!again.isNew && again.run == "a")
    #expect(try catalog.masks().count { $0.run.name == "a" } == 1)
    #expect(try store(mask, named: "b").isNew)
  }

  @Test func `a name that another mask has is refused, and nothing is left`() throws {
    try store(ArithmeticMask(layout: try layout(), stride: 83), named: "a")
    let before = try catalog.statistics()
    #expect(throws: CatalogError.self) {
      try store(ArithmeticMask(layout: try layout(), stride: 79), named: "a")
    }
    #expect(try catalog.statistics().segments == before.segments)
  }

  @Test func `a bit that the mask is not about is refused, and nothing is left`() throws {
    let layout = try layout()
    let before = try catalog.statistics()
    let domain = layout.tensors.map { tensor in
      TensorDomain(
        compared: tensor.shape.count - tensor.shape.columns,
        reason: "the last row is missing",
        baseType: "F32",
        tunedType: nil
      )
    }
    #expect(throws: OutsideDomain.self) {
      try store(ArithmeticMask(layout: layout, stride: 61), named: "outside", domain: domain)
    }
    #expect(try catalog.statistics().segments == before.segments)
    #expect(try catalog.runs().map(\.name) == ["run"])
  }

  @Test func `a reader that fails leaves nothing`() throws {
    let before = try catalog.statistics()
    let mask = ArithmeticMask(layout: try layout(), stride: 61, fails: true)
    #expect(throws: CancellationError.self) { try store(mask, named: "broken") }
    #expect(try catalog.statistics().segments == before.segments)
  }

  @Test func `the mask outlives the run that it was made from`() throws {
    let mask = ArithmeticMask(layout: try layout(), stride: 53)
    try store(mask, named: "kept")
    let run = try #require(try catalog.runs().first { $0.name == "run" })
    try catalog.remove(run)
    let stored = try #require(try catalog.masks().first)
    #expect(stored.name == "kept@derived" && stored.lineage == lineage)
    #expect(try catalog.layout(stored.run.base.layoutID) == mask.layout)
  }

  private let lineage = MaskLineage.derived(
    expression: "a & b",
    operands: [MaskLineage.Operand(name: "a@paper", digest: String(repeating: "0", count: 32))]
  )

  private func layout() throws -> ModelLayout { try catalog.layout(base.layoutID) }

  @discardableResult
  private func store(
    _ mask: ArithmeticMask,
    named name: String,
    domain: [TensorDomain]? = nil,
    binades: (any BinadeReader)? = nil,
    as type: FloatType? = nil,
    threads: Int = 2
  ) throws -> StoreReport {
    let whole = mask.layout.tensors.map {
      TensorDomain(compared: $0.shape.count, reason: nil, baseType: "F32", tunedType: nil)
    }
    return try MaskStorer(to: catalog, threads: threads, progress: Silence()).store(
      MadeMask(
        reader: mask,
        domain: domain ?? whole,
        binades: binades,
        definition: RecordedDefinition(rule: .derived, compareType: type),
        lineage: lineage,
        base: base,
        name: name
      )
    )
  }
}
