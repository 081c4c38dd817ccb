import ByteFormats
import MaskModel
import MaskQuery
import MaskReports
import Testing

private let a = summary(
  "grpo",
  count: 100_000,
  skipped: [SkippedTensor(name: "t", reason: "shapes differ")]
)
private let b = summary("dpo", count: 200_000)

@Suite struct OverlapJSONTests {
  private func pair(_ overlap: PairOverlap, _ nulls: [Null] = Null.allCases) throws -> JSONValue {
    let json = OverlapReport(masks: [a, b], pairs: [overlap], nulls: nulls).json
    #expect(json["schema"] == "maskdb.overlap/1")
    return try #require(json["pairs"]?[0])
  }

  @Test func `a pair has the keys of the schema in their order`() throws {
    let pair = try pair(overlap(a, b, 50_000))
    #expect(
      pair.object?.keys == [
        "a", "b", "parameters", "count_a", "count_b", "intersection", "union", "jaccard",
        "coverage_a", "coverage_b", "overlap_coefficient", "dice", "phi", "kappa",
        "log2_odds_ratio", "jaccard_unchanged", "nulls",
      ]
    )
    #expect(pair["a"] == "grpo@paper@bf16" && pair["b"] == "dpo@paper@bf16")
    #expect(pair["intersection"] == 50_000 && pair["union"] == 250_000)
    #expect(pair["jaccard"] == 0.2 && pair["coverage_a"] == 0.5 && pair["coverage_b"] == 0.25)
  }

  @Test func `every null has its values, z and saturated where they belong`() throws {
    let nulls = try #require(try pair(overlap(a, b, 50_000))["nulls"]?.object)
    let keys = ["expected", "lift", "max", "max_lift", "attained", "excess", "jaccard_at_expected"]
    #expect(nulls.keys == ["global", "tensor", "row", "column", "row_column", "magnitude"])
    for (name, result) in nulls {
      let last = name == "row_column" ? ["saturated", "saturated_tensors"] : ["z"]
      #expect(result.object?.keys == keys + last)
    }
    let global = try #require(nulls["global"])
    #expect(global["expected"]?.double == 20_000 && global["max"] == 100_000)
    #expect(global["lift"]?.double == 2.5 && global["max_lift"]?.double == 5)
    #expect(global["attained"]?.double == 0.375 && global["excess"]?.double == 30_000)
  }

  @Test func `only the nulls asked for are there`() throws {
    let pair = try pair(overlap(a, b, 50_000), [.magnitude, .global])
    #expect(pair["nulls"]?.object?.keys == ["global", "magnitude"])
  }

  @Test func `null values come with a reason`() throws {
    let pair = try pair(overlap(a, b, 50_000, knowsBase: false))
    let magnitude = try #require(pair["nulls"]?["magnitude"])
    #expect(magnitude["lift"]?.isNull == true && magnitude["max"]?.isNull == true)
    #expect(magnitude["reason"] == "a mask has no counts per magnitude of w")
    #expect(pair["reason"] == nil && pair["nulls"]?["global"]?["reason"] == nil)
    let none = summary("none", count: 0)
    let empty = OverlapReport(masks: [a, none], pairs: [overlap(a, none, 0)]).json["pairs"]?[0]
    #expect(empty?["coverage_b"]?.isNull == true)
    #expect(empty?["reason"]?.string?.hasPrefix("coverage_b: mask b is empty; ") == true)
  }

  @Test func `masks have the keys of the list`() throws {
    let json = MaskListReport([a]).json
    let mask = try #require(json["masks"]?[0])
    #expect(json["schema"] == "maskdb.ls/1")
    #expect(
      mask.object?.keys == [
        "id", "run", "definition", "compare_dtype", "base", "algorithm", "dataset", "seed", "step", "fields",
        "parameters", "count", "density", "skipped_tensors", "digest", "kind", "lineage",
      ]
    )
    #expect(mask["seed"] == 42 && mask["step"]?.isNull == true && mask["density"] == 0.1)
    #expect(mask["skipped_tensors"]?[0] == ["name": "t", "reason": "shapes differ"])
    #expect(OverlapReport(masks: [a], pairs: []).json["masks"]?[0] == mask)
  }
}
