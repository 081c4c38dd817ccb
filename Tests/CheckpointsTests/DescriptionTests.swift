import ByteFormats
import Checkpoints
import SystemPackage
import Testing

@Suite struct DescriptionTests {
  static let reasons: [CheckpointError.Reason] = [
    .notFound(cache: nil), .notFound(cache: "/c"), .revisionNotFound(revision: "r", cached: []),
    .revisionNotFound(revision: "r", cached: ["x"]),
    .revisionAmbiguous(revision: "r", matches: ["ra", "rb"]), .noWeights(candidates: []),
    .noWeights(candidates: ["checkpoint-1"]), .noIndex(files: ["a", "b"]), .noIndex(files: ["a"]),
    .notJSON(FormatError(.unexpectedEnd, at: 1)), .notAnObject, .noWeightMap,
    .shardNotText(tensor: "t"), .shardOutside(tensor: "t", shard: "../s"),
    .missingShard(shard: "s", tensors: 2), .tensorNotInShard(tensor: "t", shard: "s"),
    .tensorNotInIndex(tensor: "t", shard: "s"), .tensorTwice(tensor: "t", shards: ["a", "b"]),
    .namesCollide(name: "t", storedNames: ["t", "module.t"]),
    .scalesDoNotFit(tensor: "t", scales: "t_scale"), .changed,
  ]

  @Test(arguments: reasons)
  func `an error names the file, the reason and the way out`(reason: CheckpointError.Reason) {
    let text = CheckpointError(reason, path: "some/file").description
    #expect(text.hasPrefix("'some/file': "))
    #expect(text.count > 50)
    #expect(!text.contains("\n"))
  }

  static let problems: [SafetensorsError.Reason] = [
    .noHeaderLength(fileSize: 1), .headerTooLong(length: 1),
    .headerBeyondEnd(length: 1, fileSize: 1),
    .noBrace, .header(FormatError(.invalidUTF8, at: 1)), .metadataNotText(key: nil),
    .metadataNotText(key: "k"), .missingField("f"), .unknownType("T"), .invalidShape,
    .invalidOffsets, .sizeOverflow, .notWholeBytes, .sizeMismatch(expected: 1, found: 2),
    .hole(from: 1, to: 2), .overlap(with: "u"), .dataBeyondEnd(needed: 1, found: 2),
    .trailingBytes(1), .lookalike(.emptyFile), .lookalike(.gitLFSPointer), .lookalike(.webPage),
    .lookalike(.pickle), .lookalike(.torchArchive), .lookalike(.gguf), .lookalike(.hdf5),
  ]

  @Test(arguments: problems)
  func `a malformed file is named with its tensor`(reason: SafetensorsError.Reason) {
    let text = SafetensorsError(reason, path: "f", tensor: "t").description
    #expect(text.hasPrefix("'f', tensor 't': "))
    #expect(!text.contains(": ;"))
    #expect(text.count > 40)
    #expect(!text.contains("\n"))
  }

  @Test(arguments: ForeignFormat.allCases)
  func `every foreign format says what to do`(format: ForeignFormat) {
    #expect(format.description.count > 50)
    #expect(!format.description.contains("\n"))
  }

  @Test func `names the way out of a Git LFS pointer`() {
    let error = SafetensorsError(.lookalike(.gitLFSPointer), path: "model.safetensors")
    #expect(error.description.contains("git lfs pull"))
  }

  @Test func `notices are sentences`() {
    let notices: [(CheckpointNotice, String)] = [
      (
        .prefixStripped(prefix: "module.", count: 2, example: "module.w"),
        "took 'module.' off 2 tensor names, such as 'module.w'"
      ),
      (
        .nonFloatTensors(type: .u8, names: ["a", "b", "c", "d"]),
        "did not compare 4 tensors ('a', 'b', 'c', ...) of U8"
      ),
      (
        .fieldIgnored(file: "run.json", field: "seed", problem: "no text"),
        "ignored 'seed' of 'run.json': no text"
      ),
    ]
    for (notice, text) in notices { #expect(notice.description == text) }
  }
}
