import MaskModel
import MaskQuery
import MaskReports
import Testing

private let a = summary("grpo-seed1", count: 100_000)
private let b = summary("dpo", count: 200_000)
private let c = summary("sft", count: 400_000)
private let empty = summary("nothing", count: 0)

private let report = OverlapReport(
  masks: [a, b, c],
  pairs: [
    overlap(a, b, 50_000), overlap(a, c, 60_000), overlap(b, c, 80_000, knowsBase: false),
  ]
)

@Suite struct OverlapReportTests {
  @Test func `the table has both lifts side by side, footnotes, a matrix and how to read it`() {
    #expect(
      report.table() == """
                         |A∩B|/|A∪B|   |A∩B|/|A|   |A∩B|/|B|  -------- global --------  ----------- magnitude -----------
        A           B        Jaccard  coverage_a  coverage_b  lift  max_lift  attained  lift     max_lift     attained
        grpo-seed1  dpo        0.200       0.500       0.250  2.50      5.00     0.375  1.25         2.50        0.167
        grpo-seed1  sft        0.136       0.600       0.150  1.50      2.50     0.333  0.75         1.25       -1.000
        dpo         sft        0.154       0.400       0.200  1.00      2.50     0.000     -[1]         -[1]         -[1]

        [1] magnitude: a mask has no counts per magnitude of w

        #  Jaccard         1      2      3
        1  grpo-seed1  1.000  0.200  0.136
        2  dpo         0.200  1.000  0.154
        3  sft         0.136  0.154  1.000

        Definition: paper compared in bf16.
        Parameters compared in every pair: 1,000,000.
        coverage_a reads: of the parameters that A changed, the share that B changed too.
        lift is the overlap over the one expected by chance. Its ceiling, max_lift, differs between
        pairs and between nulls: compare attained, which is 0 at the expected overlap and 1 at the
        largest possible.

        """
    )
  }

  @Test func `more than two nulls stand one under another, and rows left out are counted`() {
    #expect(
      report.table(nulls: [.global, .tensor, .magnitude], rowLimit: 1).hasPrefix(
        """
                         |A∩B|/|A∪B|   |A∩B|/|A|   |A∩B|/|B|
        A           B        Jaccard  coverage_a  coverage_b  null       lift  max_lift  attained
        grpo-seed1  dpo        0.200       0.500       0.250  global     2.50      5.00     0.375
                                                              tensor     2.50      5.00     0.375
                                                              magnitude  1.25      2.50     0.167
        (2 of 3 pairs left out)

        #  Jaccard
        """
      )
    )
  }

  @Test func `an empty mask has dashes with reasons`() {
    #expect(
      OverlapReport(masks: [a, empty], pairs: [overlap(a, empty, 0)], nulls: [.global])
        .table().hasPrefix(
          """
                               |A∩B|/|A∪B|   |A∩B|/|A|   |A∩B|/|B|     ------------ global -------------
          A           B            Jaccard  coverage_a  coverage_b     lift     max_lift     attained
          grpo-seed1  nothing        0.000       0.000           -[1]     -[2]         -[2]         -[3]

          [1] coverage_b: mask b is empty
          [2] global: the expected overlap is 0
          [3] global: the expected overlap is the largest possible

          Definition
          """
        )
    )
  }

  @Test func `two empty masks are equal and the table says why`() {
    let other = summary("nothing2", count: 0)
    let table = OverlapReport(masks: [empty, other], pairs: [overlap(empty, other, 0)]).table()
    #expect(table.contains("1.000[1]"))
    #expect(table.contains("[1] jaccard: both masks are empty, so they are equal\n"))
  }

  @Test func `tensors that were skipped and unequal definitions are named`() {
    let skipped = (1...5).map { SkippedTensor(name: "t\($0)", reason: "shapes differ") }
    var other = summary("dpo", count: 200_000, skipped: skipped)
    other.definition = "numeric"
    other.id = "dpo@numeric@bf16"
    let table = OverlapReport(masks: [a, other], pairs: [overlap(a, other, 5)]).table()
    #expect(
      table.contains(
        "Different definitions: paper compared in bf16; numeric compared in bf16.\n"
      )
    )
    #expect(
      table.contains(
        "Tensors not, or not wholly, compared: dpo@numeric@bf16: t1 (shapes differ), "
          + "t2 (shapes differ), t3 (shapes differ) and 2 more.\n"
      )
    )
    #expect(table.contains("grpo-seed1@paper@bf16  dpo@numeric@bf16"))
  }

  @Test func `only matrices that are whole and fit are shown`() {
    let two = OverlapReport(masks: [a, b], pairs: [overlap(a, b, 5)])
    let partial = OverlapReport(masks: [a, b, c], pairs: [overlap(a, b, 5)])
    let many = (0..<17).map { summary("r\($0)", count: 10) }
    let pairs = MaskPair.all(of: 17).map { overlap(many[$0.a], many[$0.b], 1) }
    for report in [two, partial, OverlapReport(masks: many, pairs: pairs, nulls: [])] {
      #expect(!report.table().contains("#  Jaccard"))
    }
  }

  @Test func `names cannot steer a terminal`() {
    let evil = summary("a\u{1B}[2Jb\nc", count: 10)
    let table = OverlapReport(masks: [evil, a], pairs: [overlap(evil, a, 1)]).table()
    #expect(table.contains("a\\u{1B}[2Jb\\nc") && !table.contains("\u{1B}"))
  }
}
