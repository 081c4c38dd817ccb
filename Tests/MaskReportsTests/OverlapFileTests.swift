import ByteFormats
import MaskQuery
import MaskReports
import Testing

private let a = summary("grpo, \"s0\"", count: 100_000)
private let b = summary("dpo_|x|", count: 200_000)
private let c = summary("sft", count: 400_000)

private func file(
  _ value: PairStatistic = .metric(.jaccard),
  nulls: [Null] = [.global],
  hasComments: Bool = false
) -> OverlapFile {
  OverlapFile(
    OverlapReport(
      masks: [a, b, c],
      pairs: [overlap(a, b, 50_000), overlap(a, c, 60_000), overlap(b, c, 80_000)],
      nulls: nulls
    ),
    value: value,
    tableNulls: nulls,
    options: WritingOptions(hasComments: hasComments, version: "9.8.7")
  )
}

extension OverlapFile {
  /// The lines of a format whose lines end with CR LF.
  fileprivate func rows(_ format: ReportFormat) -> [String] {
    text(format).split(separator: "\r\n").map(String.init)
  }

  fileprivate func text(_ format: ReportFormat) -> String {
    String(decoding: bytes(format), as: UTF8.self)
  }
}

@Suite struct OverlapFileTests {
  @Test func `a matrix in CSV has labels, values and what they are`() {
    let facts = "paper,bf16,lift:global,global,symmetric,9.8.7"
    let columns = "definition,compare_dtype,value,null,direction,maskdb_version"
    let expected = [
      #"lift:global,"grpo, ""s0""",dpo_|x|,sft,\#(columns)"#,
      #""grpo, ""s0""",,2.5,1.5,\#(facts)"#, "dpo_|x|,2.5,,1.0,\(facts)", "sft,1.5,1.0,,\(facts)",
    ]
    #expect(file(.relative(.lift, .global)).rows(.csv) == expected)
  }

  @Test func `coverage reads from the row to the column`() {
    let rows = file(.metric(.coverage), hasComments: true).rows(.csv)
    #expect(
      rows == [
        "# definition: paper", "# compare_dtype: bf16", "# value: coverage", "# null: ",
        "# direction: row A, column B: |A∩B|/|A|, the share of A's changes that B made too",
        "# maskdb_version: 9.8.7", #"coverage,"grpo, ""s0""",dpo_|x|,sft"#,
        #""grpo, ""s0""",1.0,0.5,0.6"#, "dpo_|x|,0.25,1.0,0.4", "sft,0.15,0.2,1.0",
      ]
    )
  }

  @Test func `long CSV has one row a pair and every value`() {
    let rows = file().rows(.longCSV)
    #expect(rows.count == 4)
    #expect(
      rows[0] == "a,b,definition_a,compare_dtype_a,definition_b,compare_dtype_b,"
        + "parameters,count_a,count_b,intersection,union,jaccard,coverage_a,coverage_b,"
        + "overlap_coefficient,dice,phi,kappa,log2_odds_ratio,jaccard_unchanged,reason,"
        + "global_expected,global_lift,global_max,global_max_lift,global_attained,global_excess,"
        + "global_jaccard_at_expected,global_z,global_reason,direction,maskdb_version"
    )
    #expect(rows[3].hasPrefix("dpo_|x|,sft,paper,bf16,paper,bf16,1000000,200000,400000,80000,"))
    #expect(rows[3].hasSuffix(#","coverage_a = |A∩B|/|A|, coverage_b = |A∩B|/|B|",9.8.7"#))
  }

  @Test func `lines of JSON begin with the masks`() throws {
    let lines = try file().text(.ndjson).split(separator: "\n").map {
      try JSONValue(parsing: String($0))
    }
    #expect(lines.count == 4)
    #expect(lines[0]["schema"] == "maskdb.overlap.lines/1")
    #expect(lines[0]["maskdb_version"] == "9.8.7" && lines[0]["nulls"] == ["global"])
    #expect(lines[0]["masks"]?.array?.count == 3)
    #expect(lines[3]["jaccard"]?.double == 80_000.0 / 520_000)
  }

  @Test func `Markdown shows names as they are`() {
    #expect(
      file().text(.markdown) == #"""
        | A | B | \|A∩B\|/\|A∪B\| Jaccard | \|A∩B\|/\|A\| coverage\_a | \|A∩B\|/\|B\| coverage\_b | global lift | global max\_lift | global attained |
        | :-- | :-- | --: | --: | --: | --: | --: | --: |
        | grpo, "s0" | dpo\_\|x\| | 0.200 | 0.500 | 0.250 | 2.50 | 5.00 | 0.375 |
        | grpo, "s0" | sft | 0.136 | 0.600 | 0.150 | 1.50 | 2.50 | 0.333 |
        | dpo\_\|x\| | sft | 0.154 | 0.400 | 0.200 | 1.00 | 2.50 | 0.000 |

        Definition: paper compared in bf16.
        Parameters compared in every pair: 1,000,000.
        coverage\_a reads: of the parameters that A changed, the share that B changed too.
        lift is the overlap over the one expected by chance. Its ceiling, max\_lift, differs between
        pairs and between nulls: compare attained, which is 0 at the expected overlap and 1 at the
        largest possible.
        Nulls: global.
        maskdb 9.8.7.

        """#
    )
  }

  @Test func `LaTeX has rules of booktabs and a caption`() {
    #expect(
      file(nulls: []).text(.latex) == #"""
        % Needs \usepackage{booktabs}. Written by maskdb 9.8.7.
        \begin{table}
        \centering
        \small
        \begin{tabular}{llrrr}
        \toprule
         &  & \multicolumn{1}{c}{\textbar{}A$\cap$B\textbar{}/\textbar{}A$\cup$B\textbar{}} & \multicolumn{1}{c}{\textbar{}A$\cap$B\textbar{}/\textbar{}A\textbar{}} & \multicolumn{1}{c}{\textbar{}A$\cap$B\textbar{}/\textbar{}B\textbar{}} \\
        A & B & Jaccard & coverage\_a & coverage\_b \\
        \midrule
        grpo, \textquotedbl{}s0\textquotedbl{} & dpo\_\textbar{}x\textbar{} & 0.200 & 0.500 & 0.250 \\
        grpo, \textquotedbl{}s0\textquotedbl{} & sft & 0.136 & 0.600 & 0.150 \\
        dpo\_\textbar{}x\textbar{} & sft & 0.154 & 0.400 & 0.200 \\
        \bottomrule
        \end{tabular}
        \caption{Definition: paper compared in bf16.
        Parameters compared in every pair: 1,000,000.
        coverage\_a reads: of the parameters that A changed, the share that B changed too.
        maskdb 9.8.7.}
        \end{table}

        """#
    )
  }

  @Test(arguments: ReportFormat.allCases)
  func `every format names labels, definition and version`(format: ReportFormat) {
    guard !format.isBinary else { return }
    let text = file().text(format)
    for part in ["grpo", "sft", "paper", "bf16", "9.8.7"] { #expect(text.contains(part)) }
  }

  @Test func `an SVG has the values and escapes the names`() {
    let text = file(.metric(.coverage)).text(.svg)
    #expect(text.hasPrefix("<?xml") && text.hasSuffix("</svg>\n"))
    for part in [
      "grpo, &quot;s0&quot;", ">0.25<", ">0.60<", "average linkage on 1 - coverage",
      "Direction: row A",
    ] { #expect(text.contains(part)) }
  }
}
