import ByteFormats
import MaskCatalog
import MaskModel
import SystemPackage
import TestSupport
import Testing

/// What a process does with what another has removed since it looked.
struct StaleRecordTests {
  let folder: TemporaryFolder
  let catalog: Catalog

  init() throws {
    folder = try TemporaryFolder()
    catalog = try Catalog(at: folder.path.appending("masks.maskdb"), ifAbsent: .created)
  }

  /// Calls `body`, which must end with an error of `code`.
  private func expect(_ code: CatalogError.Code, _ body: () throws -> Void) {
    #expect(performing: body, throws: { ($0 as? CatalogError)?.code == code })
  }

  @Test func `a run that was removed is not taken for the one that was added after it`() throws {
    try catalog.add(PlainMask(stride: 3), named: "stays")
    try catalog.add(PlainMask(stride: 5), named: "goes")
    let stale = try #require(try catalog.runs().first { $0.name == "goes" })
    let staleMask = try #require(try catalog.masks().first { $0.run.name == "goes" })
    try catalog.remove(stale)
    try catalog.add(PlainMask(stride: 7), named: "comes")
    let note = RunField(key: "note", value: "mine", source: "set")
    expect(.runGone) { try catalog.set([note], of: stale) }
    expect(.runGone) { try catalog.rename(stale, to: "best", source: "rename") }
    expect(.runGone) { try catalog.remove(stale) }
    expect(.runGone) { try catalog.remove(staleMask) }
    #expect(try catalog.runs().map(\.name) == ["comes", "stays"])
    #expect(try catalog.runs().allSatisfy { $0.fields["note"] == nil })
  }

  @Test func `a mask that was removed alone is gone`() throws {
    try catalog.add(PlainMask(stride: 3), named: "a")
    let stale = try #require(try catalog.masks().first)
    try catalog.remove(stale)
    #expect(try !catalog.has(stale))
    expect(.maskGone) { _ = try catalog.reader(of: stale) }
    expect(.maskGone) { _ = try catalog.counts(of: stale) }
    expect(.maskGone) { _ = try catalog.domain(of: stale) }
    expect(.runGone) { try catalog.remove(stale) }
  }

  @Test func `binades are not kept under a base that was added after theirs was removed`() throws {
    try catalog.add(PlainMask(stride: 3), named: "a")
    let run = try #require(try catalog.runs().first)
    let store = try catalog.binadeStore(of: run.base, as: .bf16)
    try catalog.remove(run)
    try catalog.add(PlainMask(stride: 5), named: "b")
    expect(.runGone) { try store.keep([(number: 0, fields: [1, 2, 3])], ofTensor: 0) }
    let base = try #require(try catalog.runs().first).base
    #expect(try catalog.binades(of: base, as: .bf16) == nil)
  }

  @Test func `a session that was removed finishes nothing`() throws {
    let session = try catalog.beginMask()
    let mask = try catalog.writeUnfinished(PlainMask(stride: 3), in: session)
    try session.end()
    let digest = ContentDigest(high: 0, low: 1)
    let finished = FinishedRun(
      layout: sampleLayout,
      baseDigest: digest,
      baseFingerprint: digest,
      baseLocation: "base",
      exponentTotals: [],
      digest: digest,
      fingerprint: digest,
      location: "run",
      name: "late",
      suggestedNames: [],
      fields: [],
      extraTensors: [],
      masks: [mask]
    )
    expect(.sessionGone) { _ = try session.finish(finished) }
    #expect(try catalog.runs().isEmpty)
  }
}
