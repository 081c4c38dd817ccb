import ByteFormats
import MaskModel
import MaskQuery
import MaskReports
import Testing

@Suite struct ListReportTests {
  private let masks = [
    summary("grpo-seed1", count: 999_999), summary("dpo", count: 1),
    summary("sft", count: 0, skipped: [SkippedTensor(name: "t", reason: "shapes differ")]),
  ]

  @Test func `a list of masks`() {
    #expect(
      MaskListReport(masks).text() == """
        mask                   algorithm  dataset  seed  step   compared  changed  density %  digest
        grpo-seed1@paper@bf16  GRPO       gsm8k      42     -  1,000,000  999,999     >99.99  -
        dpo@paper@bf16         GRPO       gsm8k      42     -  1,000,000        1      <0.01  -
        sft@paper@bf16         GRPO       gsm8k      42     -  1,000,000        0       0.00  -

        Tensors not, or not wholly, compared: sft: t (shapes differ).

        """
    )
  }

  @Test func `a list that is cut says so`() {
    #expect(MaskListReport(masks).text(rowLimit: 1).contains("(2 of 3 masks left out)\n"))
    #expect(!MaskListReport(masks).text(rowLimit: 3).contains("left out"))
  }
}

@Suite struct SparsityReportTests {
  private let tensors = ModelLayout([
    TensorLayout(name: "model.embed_tokens.weight", shape: shape([10, 8])),
    TensorLayout(name: "model.layers.0.mlp.up_proj.weight", shape: shape([10, 10])),
    TensorLayout(name: "model.layers.1.mlp.up_proj.weight", shape: shape([10, 10])),
  ]).tensors

  /// The figures of a mask that changed `counts`; below 0 means that the tensor was not compared.
  private func entry(
    _ run: String,
    _ counts: [Int],
    by grouping: TensorGrouping
  ) -> SparsityReport.Entry {
    let counts = zip(tensors, counts).map { tensor, count in
      TensorCounts(
        tensor: tensor,
        compared: count < 0 ? 0 : tensor.shape.count,
        marginals: TensorMarginals(
          count: max(count, 0),
          rows: nil,
          columns: nil,
          exponents: nil
        ),
        exponentTotals: nil
      )
    }
    let groups = grouping.groups(of: tensors)
    return SparsityReport.Entry(
      summary(run, count: 5),
      SparsityTable(counts, groups: groups)
    )
  }

  private let footer = """

    Definition: paper compared in bf16.
    sparsity is the share of the compared parameters that did not change: 100 - density.

    """

  @Test func `one mask by layer`() {
    let report = SparsityReport(by: .layer, [entry("grpo", [2, -1, 30], by: .layer)])
    #expect(
      report.text() == """
        ---------------------- grpo -----------------------
        layer      compared  changed  density %  sparsity %
        0                 0        0          -           -
        1               100       30      30.00       70.00
        embedding        80        2       2.50       97.50
        total           180       32      17.78       82.22

        """ + footer
    )
  }

  @Test func `several masks side by side, the total whatever the limit`() {
    let report = SparsityReport(
      by: .module,
      [entry("grpo", [2, 10, 30], by: .module), entry("dpo", [0, 0, 1], by: .module)]
    )
    #expect(
      report.text(rowLimit: 1) == """
                   sparsity %
        module      grpo     dpo
        embedding  97.50  100.00
        total      85.00   99.64
        (1 of 2 groups left out)

        """ + footer
    )
  }

  @Test func `groups in JSON`() throws {
    let report = SparsityReport(by: .layerModule, [entry("grpo", [2, -1, 30], by: .layerModule)])
    let json = report.json
    #expect(json["schema"] == "maskdb.sparsity/1" && json["by"] == "layer,module")
    #expect(json["masks"]?[0]?["id"] == "grpo@paper@bf16")
    let rows = try #require(json["rows"]?.array)
    #expect(rows.map { $0["name"] } == ["0 up", "1 up", "embedding"])
    #expect(
      rows[1] == [
        "mask": "grpo@paper@bf16", "name": "1 up", "tensor": .null, "stack": "model.layers",
        "layer": 1, "module": "up", "parameters": 100, "count": 30, "density": 0.3,
        "sparsity": 0.7, "not_compared": 0,
      ]
    )
    #expect(rows[0]["density"]?.isNull == true && rows[0]["not_compared"] == 100)
  }
}
