import MaskQuery
import Testing

/// A run with `fields` such as `algorithm=grpo seed=0`, at `step`, with bits of its own unless said.
func run(_ name: String, _ fields: String, step: Int? = nil, digest: String? = nil) -> RunCase {
  let parts = fields.split(separator: " ").map { $0.split(separator: "=").map(String.init) }
  return RunCase(
    id: "\(name)@paper",
    run: name,
    fields: Dictionary(uniqueKeysWithValues: parts.map { ($0[0], $0[1]) }),
    step: step,
    digest: digest ?? name
  )
}

@Suite struct RunUnitTests {
  private func units(_ cases: [RunCase], ignoring: [String] = []) throws -> RunUnits {
    let factors = try RunFactors(of: cases, ignoring: ignoring)
    return RunUnits(of: cases, factors: factors, recording: ["algorithm"])
  }

  @Test func `a run counts once, at its latest step, and identical masks count once`() throws {
    let units = try units([
      run("a-step20", "algorithm=grpo seed=0", step: 20),
      run("a", "algorithm=grpo seed=0", step: 60, digest: "x"),
      run("a-step60", "algorithm=grpo seed=0", step: 60, digest: "x"),
      run("b", "algorithm=grpo seed=1", step: 20),
      run("c", "seed=2", step: 60),
    ])
    #expect(units.kept == [1, 3])
    #expect(
      units.leftOut.map { "\($0.id): \($0.reason)" } == [
        "a-step20@paper: an earlier step of the run of a@paper",
        "a-step60@paper: the same mask as a@paper",
        "c@paper: its run records no algorithm",
      ]
    )
  }

  @Test func `no step is the last step, and equal steps are runs of their own`() throws {
    let units = try units([
      run("a", "algorithm=grpo"), run("b", "algorithm=grpo", step: 9_000),
      run("c", "algorithm=grpo"),
    ])
    #expect(units.kept == [0, 2])
  }

  @Test func `a run with masks of two definitions counts once`() throws {
    let a = run("a", "algorithm=grpo")
    let b = RunCase(id: "a@bitwise", run: "a", fields: a.fields, step: nil, digest: "y")
    #expect(try units([a, b]).leftOut.map(\.reason) == ["of the same run as a@paper"])
  }

  @Test func `ignored fields do not tell checkpoints apart, but seeds always do`() throws {
    let cases = [
      run("a1", "algorithm=grpo seed=0 note=x", step: 1),
      run("a2", "algorithm=grpo seed=0 note=y", step: 2),
      run("b1", "algorithm=grpo seed=1 note=z", step: 1),
    ]
    #expect(try units(cases).kept == [0, 1, 2])
    #expect(try units(cases, ignoring: ["note", "seed"]).kept == [1, 2])
    #expect(throws: UnansweredQuestion.self) { try units(cases, ignoring: ["nota"]) }
  }

  @Test func `groups, and blocks of runs that are equal but for the groups`() throws {
    let cases = [
      run("a", "algorithm=grpo dataset=add seed=10"), run("b", "algorithm=dpo dataset=add seed=2"),
      run("c", "algorithm=dpo dataset=add seed=10"), run("d", "algorithm=grpo dataset=sub seed=2"),
    ]
    let factors = try RunFactors(of: cases)
    let runs = try GroupedRuns(cases, by: ["algorithm"], factors: factors)
    #expect(runs.groups.map(\.label) == ["dpo", "grpo"])
    #expect(runs.groups.map(\.members) == [[1, 2], [0, 3]])
    #expect(runs.blockFields == ["dataset", "seed"] && runs.blocks == [[0, 2], [1], [3]])
    let both = try GroupedRuns(cases, by: ["dataset", "seed"], factors: factors)
    #expect(both.groups.map(\.label) == ["add, 2", "add, 10", "sub, 2"])
    #expect(both.labels == [1, 0, 1, 2])
  }

  @Test func `numbers are compared by value, and shown as the first run records them`() throws {
    let cases = [
      run("a", "lr=1e-06 note=1 seed=0"), run("b", "lr=1e-6 note=1.0 seed=1"),
      run("c", "lr=0.000001 note=01 seed=2"), run("d", "lr=2e-6 note=1 seed=3"),
    ]
    let factors = try RunFactors(of: cases, ignoring: ["note"])
    let runs = try GroupedRuns(cases, by: ["lr"], factors: factors)
    #expect(runs.groups.map(\.label) == ["1e-06", "2e-6"])
    #expect(runs.groups.map(\.members) == [[0, 1, 2], [3]])
    let steps = [
      run("a", "lr=1e-06", step: 1), run("b", "lr=1e-6", step: 2), run("c", "lr=1e-7", step: 1),
    ]
    let units = RunUnits(of: steps, factors: try RunFactors(of: steps))
    #expect(units.kept == [1, 2])
    #expect(try GroupedRuns(cases, by: ["note"], factors: factors).groups.count == 2)
  }

  @Test func `a question without groups is refused in a sentence`() throws {
    func refusal(_ cases: [RunCase], _ field: String) -> String? {
      do {
        _ = try GroupedRuns(cases, by: [field], factors: RunFactors(of: cases))
        return nil
      } catch { return "\(error)" }
    }
    let (a, b) = (run("a", "algorithm=grpo seed=0"), run("b", "algorithm=grpo seed=1"))
    #expect(refusal([a], "seed")?.hasPrefix("one run is left to compare") == true)
    #expect(refusal([a, b], "algorithm")?.hasPrefix("all 2 runs are one group") == true)
    #expect(refusal([a, b], "seed")?.hasPrefix("every run is a group of its own") == true)
  }

  @Test func `statistics by name`() {
    for name in ["jaccard", "coverage", "attained:magnitude", "lift:row_column", "z:tensor"] {
      #expect(PairStatistic(name)?.description == name)
    }
    for name in [
      "", "lift", "lift:", "lift:none", "jaccard:global", "z:row_column", "attained:magnitude:x",
    ] {
      #expect(PairStatistic(name) == nil)
    }
    #expect(PairStatistic.standard.description == "attained:magnitude")
    #expect(PairStatistic("coverage")?.isSymmetric == false)
  }
}
