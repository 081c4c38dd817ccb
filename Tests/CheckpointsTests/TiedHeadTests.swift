import TestSupport
import ByteFormats
import Checkpoints
import SystemPackage
import Testing

@Suite struct TiedHeadTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let tied: JSONValue = ["tie_word_embeddings": true]
  let pair = ["lm_head.weight", "model.embed_tokens.weight"]

  @Test(arguments: [tied, ["text_config": tied]])
  func `counts a tied head once`(config: JSONValue) throws {
    let checkpoint = try folder.open(names: pair, config: config)
    #expect(checkpoint.tensors.map(\.name) == ["model.embed_tokens.weight"])
    #expect(checkpoint.tiesWordEmbeddings)
    #expect(
      checkpoint.notices == [
        .tiedHeadDropped(
          head: "lm_head.weight",
          embedding: "model.embed_tokens.weight",
          isStated: true
        )
      ]
    )
    #expect(checkpoint.config == config)
    #expect(checkpoint.fingerprint.files.count == 2)
  }

  @Test func `keeps a head that differs from the embedding, and says so`() throws {
    var builder = SafetensorsBuilder()
    builder.add("lm_head.weight", floats: [1, 2, 3])
    builder.add("transformer.wte.weight", floats: [1, 2, 4])
    let checkpoint = try folder.open(builder, config: Self.tied)
    let notice = try #require(checkpoint.notices.first)
    #expect(
      notice
        == .headNotTied(
          head: "lm_head.weight",
          embedding: "transformer.wte.weight"
        )
    )
    #expect(notice.description.contains("their bytes differ"))
    #expect(checkpoint.tensors.count == 2)
    #expect(!checkpoint.tiesWordEmbeddings)
  }

  @Test func `keeps a head that is not tied`() throws {
    let untied = try folder.open(names: pair, config: ["tie_word_embeddings": false])
    #expect(untied.tensors.count == 2)
    #expect(!untied.tiesWordEmbeddings)
  }

  @Test func `takes a missing head for a tied one where config.json is silent`() throws {
    #expect(try folder.open(names: ["model.embed_tokens.weight"]).tiesWordEmbeddings)
    #expect(try !folder.open(names: ["w"]).tiesWordEmbeddings)
  }

  @Test func `lets the bytes decide where config.json is silent`() throws {
    let same = try folder.open(names: pair)
    #expect(same.tiesWordEmbeddings)
    #expect(same.tensors.count == 1)
    #expect(same.notices.map(\.description).contains { $0.contains("byte by byte") })
    var builder = SafetensorsBuilder()
    builder.add("lm_head.weight", floats: [1, 2, 3])
    builder.add("transformer.wte.weight", floats: [1, 2, 4])
    let other = try folder.open(builder)
    #expect(!other.tiesWordEmbeddings)
    #expect(other.tensors.count == 2)
    #expect(other.notices.isEmpty)
  }

  @Test func `keeps a head without an embedding`() throws {
    #expect(try folder.open(names: ["lm_head.weight"], config: Self.tied).tensors.count == 1)
  }

  @Test func `a damaged config.json is a notice`() throws {
    try folder.write("config.json", "{")
    let notices = try folder.open(names: ["w"]).notices
    guard case .fieldIgnored("config.json", nil, _) = notices.first else {
      Issue.record("\(notices)")
      return
    }
  }

  @Test func `reads config.json as Python writes it`() throws {
    try folder.write("config.json", #"{"limit": [0.0, Infinity], "tie_word_embeddings": true}"#)
    #expect(try folder.open(names: ["w"]).tiesWordEmbeddings)
  }
}
