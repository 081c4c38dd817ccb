import ByteFormats
import Checkpoints
import SystemPackage
import Testing

/// Samples/malformed holds one file or folder for each attack or accident.
///
/// Each is refused with its own reason. Tools/malformed/generate writes them.
@Suite struct MalformedSampleTests {
  static let samples: FilePath = {
    var path = FilePath(#filePath)
    for _ in 0..<3 { path.removeLastComponent() }
    return path.pushing("Samples/malformed")
  }()

  static let files: [(String, SafetensorsError.Reason)] = [
    ("empty-file", .lookalike(.emptyFile)),
    ("no-header-length", .noHeaderLength(fileSize: 3)),
    ("header-claims-over-100-mb", .headerTooLong(length: 100_000_001)),
    ("header-claims-all-of-memory", .headerTooLong(length: .max)),
    ("header-beyond-end", .headerBeyondEnd(length: 1000, fileSize: 10)),
    ("truncated-header", .headerBeyondEnd(length: 110, fileSize: 60)),
    ("no-brace", .noBrace),
    ("header-is-a-list", .noBrace),
    ("header-of-length-zero", .noBrace),
    ("invalid-utf-8", .header(FormatError(.invalidUTF8, at: 2))),
    ("not-json", .header(FormatError(.unexpectedByte(0x65), at: 7))),
    ("bytes-after-json", .header(FormatError(.trailingBytes, at: 61))),
    ("deeply-nested", .header(FormatError(.tooDeep(limit: 128), at: 132))),
    ("duplicate-tensor", .header(FormatError(.duplicateKey("a"), at: 61))),
    ("duplicate-field", .header(FormatError(.duplicateKey("dtype"), at: 20))),
    ("metadata-not-text", .metadataNotText(key: "step")),
    ("metadata-is-a-list", .metadataNotText(key: nil)),
    ("entry-is-a-number", .missingField("dtype")),
    ("missing-type", .missingField("dtype")),
    ("missing-shape", .missingField("shape")),
    ("missing-offsets", .missingField("data_offsets")),
    ("unknown-type", .unknownType("F33")),
    ("negative-dimension", .invalidShape),
    ("fractional-dimension", .invalidShape),
    ("dimension-beyond-63-bits", .invalidShape),
    ("shape-overflows", .sizeOverflow),
    ("shape-overflows-to-four", .sizeOverflow),
    ("bits-overflow", .sizeOverflow),
    ("half-a-byte", .notWholeBytes),
    ("one-offset", .invalidOffsets),
    ("negative-offset", .invalidOffsets),
    ("falling-offsets", .invalidOffsets),
    ("range-too-long-for-shape", .sizeMismatch(expected: 12, found: 16)),
    ("range-too-short-for-shape", .sizeMismatch(expected: 20, found: 16)),
    ("overlapping-tensors", .overlap(with: "a")),
    ("same-bytes-twice", .overlap(with: "a")),
    ("hole-between-tensors", .hole(from: 16, to: 24)),
    ("hole-before-first-tensor", .hole(from: 0, to: 16)),
    ("truncated-data", .dataBeyondEnd(needed: 32, found: 31)),
    ("range-beyond-end", .dataBeyondEnd(needed: 1 << 40, found: 16)),
    ("trailing-bytes", .trailingBytes(1)),
    ("polyglot", .trailingBytes(22)),
    ("pickle", .lookalike(.pickle)),
    ("torch-archive", .lookalike(.torchArchive)),
    ("web-page", .lookalike(.webPage)),
    ("git-lfs-pointer", .lookalike(.gitLFSPointer)),
    ("gguf", .lookalike(.gguf)),
    ("hdf5", .lookalike(.hdf5)),
  ]

  static let others: [(String, CheckpointError.Reason)] = [
    ("names-collide.safetensors", .namesCollide(name: "w", storedNames: ["w", "module.w"])),
    ("lora-not-merged.safetensors", .foreign(.unmergedLoRA)),
    ("shard-above-the-folder", .shardOutside(tensor: "b", shard: "../part-b.safetensors")),
    ("shard-by-absolute-path", .shardOutside(tensor: "b", shard: "/etc/passwd")),
    ("shard-below-the-folder", .shardOutside(tensor: "b", shard: "sub/part-b.safetensors")),
    ("shard-with-backslash", .shardOutside(tensor: "b", shard: "..\\part-b.safetensors")),
    ("shard-with-nul", .shardOutside(tensor: "b", shard: "part-b.safetensors\0")),
    ("shard-without-a-name", .shardOutside(tensor: "b", shard: "")),
    ("shard-is-the-folder", .shardOutside(tensor: "b", shard: "..")),
    ("shard-is-a-number", .shardNotText(tensor: "b")),
    ("shard-missing", .missingShard(shard: "part-b.safetensors", tensors: 1)),
    ("shard-lacks-tensor", .tensorNotInShard(tensor: "c", shard: "part-b.safetensors")),
    ("shard-has-unlisted-tensor", .tensorNotInIndex(tensor: "c", shard: "part-b.safetensors")),
    ("shard-of-another-tensor", .tensorNotInIndex(tensor: "c", shard: "part-b.safetensors")),
    (
      "shards-share-a-tensor",
      .tensorTwice(tensor: "a", shards: ["part-a.safetensors", "part-b.safetensors"])
    ),
    ("index-map-is-a-list", .noWeightMap),
    ("index-not-json", .notJSON(FormatError(.unexpectedEnd, at: 41))),
    ("index-without-map", .noWeightMap),
    ("index-names-a-tensor-twice", .notJSON(FormatError(.duplicateKey("a"), at: 43))),
  ]

  /// What opening `name` is refused with; nil where it is not.
  func refusal(of name: String) -> CheckpointError? {
    do {
      _ = try Checkpoint(at: Self.samples.appending(name).string)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: files)
  func `refuses a malformed file`(name: String, reason: SafetensorsError.Reason) throws {
    let error = try #require(refusal(of: name + ".safetensors"))
    guard case .safetensors(let found) = error.reason else {
      Issue.record("refused for another reason: \(error)")
      return
    }
    #expect(found.reason == reason)
    #expect(error.kind == .malformed)
    #expect(error.description.contains(name))
  }

  @Test(arguments: others)
  func `refuses a malformed checkpoint`(name: String, reason: CheckpointError.Reason) {
    #expect(refusal(of: name)?.reason == reason)
  }

  @Test func `refuses a checkpoint with a malformed shard, naming the shard`() throws {
    let error = try #require(refusal(of: "shard-malformed"))
    #expect(error.kind == .malformed)
    #expect(error.path.lastComponent == "part-b.safetensors")
  }

  @Test func `knows every sample`() throws {
    let known =
      Self.files.map { $0.0 + ".safetensors" } + Self.others.map(\.0) + ["shard-malformed"]
    #expect(try Folder.names(in: Self.samples) == known.sorted())
  }
}
