internal import MaskModel

/// The masks that count as one replicate each, and those that do not.
///
/// A run counts once. Masks of runs that are equal in every recorded field but name and step are
/// masks of one run on its way: the latest step counts, and a run without a step is taken as the
/// last. Where nothing else is recorded they are, too, if their checkpoints are in one folder. Where several are the latest they are runs of their own. Identical masks count once.
public struct RunUnits: Sendable, Hashable {
  /// A mask that does not count.
  public struct LeftOut: Sendable, Hashable {
    /// The id of the mask.
    public let id: String
    /// Why.
    public let reason: String
  }

  /// The masks that count, by their places in the list that was asked about.
  public let kept: [Int]
  /// The others, in their order.
  public let leftOut: [LeftOut]

  /// The units among `cases`, each of which must record every one of `required`.
  ///
  /// Fields that `factors` ignores do not tell runs apart, except algorithm, dataset, seed and base.
  public init(of cases: [RunCase], factors: RunFactors, recording required: [String] = []) {
    let chain = factors.fields + factors.ignored.filter(Self.identity.contains)
    let latest = Self.latest(cases, chain)
    var seen = Seen()
    var kept: [Int] = []
    var leftOut: [LeftOut] = []
    for (place, one) in cases.enumerated() {
      let last = latest[one.key(chain)].map { cases[$0] }
      if one.isDerived {
        leftOut.append(LeftOut(id: one.id, reason: "derived from other masks"))
      } else if let field = required.first(where: { one.fields[$0] == nil }) {
        leftOut.append(LeftOut(id: one.id, reason: "its run records no \(field)"))
      } else if let last, one.precedes(last) {
        leftOut.append(LeftOut(id: one.id, reason: "an earlier step of the run of \(last.id)"))
      } else if let reason = seen.reasonAgainst(one) {
        leftOut.append(LeftOut(id: one.id, reason: reason))
      } else {
        seen.note(one)
        kept.append(place)
      }
    }
    self.kept = kept
    self.leftOut = leftOut
  }

  private static let identity: Set<String> = ["algorithm", "dataset", "seed", "base"]

  /// For every value of the fields `chain`, the first case at the latest step.
  private static func latest(_ cases: [RunCase], _ chain: [String]) -> [[String?]: Int] {
    cases.indices.filter { !cases[$0].isDerived }.reduce(into: [:]) { latest, place in
      let key = cases[place].key(chain)
      guard let last = latest[key] else { return latest[key] = place }
      if cases[last].precedes(cases[place]) { latest[key] = place }
    }
  }
}

extension RunCase {
  /// What is the same in all cases of one run that is told apart by the fields `chain`.
  fileprivate func key(_ chain: [String]) -> [String?] { chain.map { values[$0] } + [folder] }

  /// Whether it is of an earlier step; no step is the last.
  func precedes(_ other: RunCase) -> Bool {
    guard let step else { return false }
    return other.step.map { step < $0 } ?? true
  }
}

/// The masks that count already.
private struct Seen {
  private var byDigest: [String: String] = [:]
  private var byRun: [String: String] = [:]

  mutating func note(_ one: RunCase) {
    if let digest = one.digest { byDigest[digest] = one.id }
    byRun[one.run] = one.id
  }

  /// Why `one` does not count beside them.
  func reasonAgainst(_ one: RunCase) -> String? {
    one.digest.flatMap { byDigest[$0] }.map { "the same mask as \($0)" }
      ?? byRun[one.run].map { "of the same run as \($0)" }
  }
}
