import TestSupport
import ByteFormats
import Foundation
import MaskFiles
import MaskModel
import SystemPackage
import Testing

@Suite struct `A folder of roaring files` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }
  let mask = FakeMask([
    ("layers.0.weight", [3, 100], Bits(count: 300, setting: [0, 7, 299])),
    ("layers.0.bias", [], Bits(count: 1)),
    ("none", [0, 4], Bits(count: 0)),
  ])

  private func export(
    _ mask: some MaskReader,
    _ polarity: MaskPolarity = .trainable
  ) -> MaskExport {
    let extra = [(key: "algorithm", value: "grpo")]
    return MaskExport(mask, as: .roaring, provenance: .test(polarity, extra: extra))
  }

  private func manifest() throws -> JSONValue {
    try JSONValue(parsing: try folder.bytes("out/manifest.json"))
  }

  @Test func `has a file for every tensor and a manifest`() throws {
    try export(mask).write(to: folder("out"))
    #expect(try folder.names == ["out"])
    #expect(
      try Folder.names(in: folder("out")) == [
        "layers.0.bias.roaring", "layers.0.weight.roaring", "manifest.json", "none.roaring",
      ]
    )
    #expect(try folder.bytes("out/layers.0.weight.roaring") == CRoaringForm.bytes(of: [0, 7, 299]))
    #expect(try folder.bytes("out/none.roaring") == CRoaringForm.bytes(of: []))
  }

  @Test func `says in the manifest what is in it`() throws {
    try export(mask).write(to: folder("out"))
    let expected: JSONValue = [
      "schema": "maskdb.export/1", "format": "roaring", "mask": "grpo-s0@paper",
      "definition": "paper",
      "compare_dtype": "bf16", "base": "0123456789abcdef0123456789abcdef",
      "polarity": "trainable", "maskdb_version": "0.1.0", "metadata": ["algorithm": "grpo"],
      "skipped": [],
      "files": [
        ["file": "layers.0.bias.roaring", "bytes": 8],
        ["file": "layers.0.weight.roaring", "bytes": 22],
        ["file": "none.roaring", "bytes": 8],
      ],
      "tensors": [
        [
          "name": "layers.0.bias", "shape": [], "file": "layers.0.bias.roaring", "positions": 1,
          "count": 0, "bits": 32,
        ],
        [
          "name": "layers.0.weight", "shape": [3, 100], "file": "layers.0.weight.roaring",
          "positions": 300, "count": 3, "bits": 32,
        ],
        [
          "name": "none", "shape": [0, 4], "file": "none.roaring", "positions": 0, "count": 0,
          "bits": 32,
        ],
      ],
    ]
    #expect(try manifest() == expected)
  }

  @Test func `says which file is of 64 bits`() throws {
    try export(SparseMask(count: 1 << 33, setting: [1 << 32])).write(to: folder("out"))
    #expect(try manifest()["tensors"]?[0]?["bits"] == 64)
  }

  @Test func `holds the complement where a position set is frozen`() throws {
    try export(mask, .frozen).write(to: folder("out"))
    let complement = mask.bits(tensor: 1).complement
    #expect(try folder.bytes("out/layers.0.weight.roaring") == CRoaringForm.bytes(of: complement))
    #expect(try manifest()["polarity"] == "frozen")
    #expect(try manifest()["tensors"]?[1]?["count"] == 297)
  }

  @Test func `has file names that are safe and differ`() throws {
    let names = ["a/b", "a\\b", "a:b", "A_B", "..", ".hidden", "-o", "", "ü", "a b"]
    let long = String(repeating: "x", count: 400)
    let all = names + [long, long + "y"]
    try export(FakeMask(all.map { ($0, [1], Bits(count: 1)) })).write(to: folder("out"))
    let files = try Folder.names(in: folder("out"))
    #expect(files.count == all.count + 1)
    #expect(Set(files.map { $0.lowercased() }).count == files.count)
    #expect(files.allSatisfy { !$0.hasPrefix(".") && !$0.hasPrefix("-") && $0.utf8.count < 200 })
    let entries = try #require(try manifest()["tensors"]?.array)
    #expect(Set(entries.compactMap { $0["name"]?.string }) == Set(all))
    #expect(
      Set(entries.compactMap { $0["file"]?.string }) == Set(files).subtracting(["manifest.json"])
    )
  }

  @Test func `takes nobody's place unasked`() throws {
    try export(mask).write(to: folder("out"))
    #expect(throws: MaskFileError.exists(folder("out"))) {
      try export(mask).write(to: folder("out"))
    }
    try folder.write("file", [1])
    #expect(throws: MaskFileError.exists(folder("file"))) {
      try export(mask).write(to: folder("file"))
    }
    #expect(try folder.names == ["file", "out"])
  }

  @Test func `takes the place of an earlier one where asked`() throws {
    try export(mask).write(to: folder("out"))
    let other = FakeMask(Bits(count: 5, setting: [4]))
    try export(other).write(to: folder("out"), overwrite: true)
    #expect(try folder.names == ["out"])
    #expect(try Folder.names(in: folder("out")) == ["manifest.json", "weight.roaring"])
  }

  @Test func `takes the place of an empty folder where asked`() throws {
    try FileManager.default.createDirectory(
      atPath: folder("out").string,
      withIntermediateDirectories: true
    )
    try export(mask).write(to: folder("out"), overwrite: true)
    #expect(try folder.names == ["out"])
  }

  @Test func `follows a link to the folder it replaces`() throws {
    try export(mask).write(to: folder("out"))
    try FileManager.default.createSymbolicLink(
      atPath: folder("link").string,
      withDestinationPath: "out"
    )
    try export(FakeMask(Bits(count: 1))).write(to: folder("link"), overwrite: true)
    #expect(try folder.names == ["link", "out"])
    #expect(try Folder.names(in: folder("out")) == ["manifest.json", "weight.roaring"])
  }

  @Test func `never takes the place of anything else`() throws {
    try export(mask).write(to: folder("out"))
    try folder.write("out/thesis.tex", [1])
    #expect(throws: MaskFileError.notAnExport(folder("out"), found: "thesis.tex")) {
      try export(mask).write(to: folder("out"), overwrite: true)
    }
    try FileManager.default.createDirectory(
      atPath: folder("other").string,
      withIntermediateDirectories: true
    )
    try folder.write("other/manifest.json", "{}")
    #expect(throws: MaskFileError.notAnExport(folder("other"), found: "manifest.json")) {
      try export(mask).write(to: folder("other"), overwrite: true)
    }
    #expect(try folder.bytes("out/thesis.tex") == [1])
    #expect(try folder.names == ["other", "out"])
  }

  @Test func `leaves nothing where it fails`() throws {
    var mask = mask
    mask.miscount = 1
    #expect(throws: MaskFileError.self) { try export(mask).write(to: folder("out")) }
    #expect(try folder.names == [])
    let lost = folder("none").appending("out")
    #expect(throws: FileError(.create, lost, .notFound)) { try export(mask).write(to: lost) }
  }

  @Test func `names the file by its place to be where it fails`() throws {
    let hidden = folder.path.string
    let meddling = MeddledMask(base: mask) {
      for name in (try? Folder.names(in: FilePath(hidden))) ?? [] {
        try? FileManager.default.removeItem(atPath: hidden + "/" + name)
      }
    }
    let path = folder("out").appending("layers.0.weight.roaring")
    #expect(throws: FileError(.replace, path, .notFound)) {
      try export(meddling).write(to: folder("out"))
    }
  }
}
