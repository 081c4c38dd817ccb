internal import MaskModel

/// Runs sorted into groups by what is recorded of them.
public struct GroupedRuns: Sendable, Hashable {
  /// The runs of one group.
  public struct Group: Sendable, Hashable {
    /// The values of the fields, in their order, as the first member records them.
    public let values: [String]
    /// The runs, by their places.
    public let members: [Int]

    /// The values in one line.
    public var label: String { values.joined(separator: ", ") }
  }

  /// The fields that the groups have in common.
  public let fields: [String]
  /// The runs.
  public let cases: [RunCase]
  /// The groups, in natural order of their values.
  public let groups: [Group]
  /// The fields whose values are equal within a block: all others that runs are told apart by.
  public let blockFields: [String]
  /// Runs that are equal in every field of `blockFields`, and may exchange labels, by their places.
  public let blocks: [[Int]]

  /// `cases` by `fields`, each of which every case must record.
  ///
  /// - Throws: `UnansweredQuestion` where there are fewer than two groups, or no group of two runs.
  public init(
    _ cases: [RunCase],
    by fields: [String],
    factors: RunFactors
  ) throws(UnansweredQuestion) {
    self.fields = fields
    self.cases = cases
    groups = Self.groups(cases, fields)
    blockFields = factors.fields.filter { !fields.contains($0) }
    blocks = Self.blocks(cases, blockFields)
    if let problem = Self.problem(cases, fields, groups) { throw problem }
  }

  /// The group of every run.
  package var labels: [Int] {
    var labels = [Int](repeating: 0, count: cases.count)
    for (label, group) in groups.enumerated() {
      for member in group.members { labels[member] = label }
    }
    return labels
  }

  private static func groups(_ cases: [RunCase], _ fields: [String]) -> [Group] {
    let groups = Dictionary(grouping: cases.indices) { place in
      fields.map { cases[place].values[$0] ?? "" }
    }
    return groups.values.map { members in
      Group(values: fields.map { cases[members[0]].fields[$0] ?? "" }, members: members)
    }.sorted { left, right in
      let unequal = zip(left.values, right.values).first { $0 != $1 }
      return unequal.map { NaturalOrder.precedes($0, $1) } ?? false
    }
  }

  private static func blocks(_ cases: [RunCase], _ fields: [String]) -> [[Int]] {
    let blocks = Dictionary(grouping: cases.indices) { place in
      fields.map { cases[place].values[$0] }
    }
    return blocks.values.sorted { ($0.first ?? 0) < ($1.first ?? 0) }
  }

  private static func problem(
    _ cases: [RunCase],
    _ fields: [String],
    _ groups: [Group]
  ) -> UnansweredQuestion? {
    let names = fields.joined(separator: ", ")
    if cases.count < 2 { return .tooFewRuns(cases.count) }
    if groups.count < 2 {
      return UnansweredQuestion(
        description: "all \(cases.count) runs are one group by \(names): '\(groups[0].label)'; "
          + "groups are compared from two on"
      )
    }
    guard groups.allSatisfy({ $0.members.count < 2 }) else { return nil }
    return UnansweredQuestion(
      description: "every run is a group of its own by \(names), so there is no pair within a group"
    )
  }
}

extension UnansweredQuestion {
  /// `count` runs are left, and two are needed.
  public static func tooFewRuns(_ count: Int) -> UnansweredQuestion {
    UnansweredQuestion(
      description: "\(count == 0 ? "no run is" : "one run is") left to compare; the question takes "
        + "two: a run counts once, at its latest step, and identical masks count once"
    )
  }
}
