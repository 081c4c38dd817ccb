internal import MaskCatalog
internal import MaskModel

extension [AskedMask] {
  /// The masks, and those of runs for which a run is there that is alike but for name and step, and
  /// has a larger step, or the same step and content: the last checkpoint of a run is often its result.
  ///
  /// Runs are alike where all recorded fields, the base and the definition are; where nothing else is
  /// recorded, the folder that their checkpoints are in as well. A run without a step is taken as the
  /// last, as it is where runs are grouped.
  var bySteps: (latest: [AskedMask], earlier: [AskedMask]) {
    let cases = map { RunCase($0) }
    let keys = zip(self, cases).map { Chain($0.definition, $1.values, folder: $1.folder) }
    var latest: [Chain: RunCase] = [:]
    for (place, (key, one)) in zip(keys, cases).enumerated() where !self[place].places.isEmpty {
      if let last = latest[key], !last.precedes(one) { continue }
      latest[key] = one
    }
    var names: [Twin: String] = [:]
    var steps: (latest: [AskedMask], earlier: [AskedMask]) = ([], [])
    for (place, mask) in enumerated() {
      let (key, one) = (keys[place], cases[place])
      let isEarlier = !mask.places.isEmpty && latest[key].map(one.precedes) ?? false
      // Under one name it is the mask of another catalog.
      let twin = Twin(mask, one)
      if isEarlier || twin.map({ names[$0, default: one.run] != one.run }) ?? false {
        steps.earlier.append(mask)
      } else {
        steps.latest.append(mask)
        if let twin { names[twin] = one.run }
      }
    }
    return steps
  }
}

/// What the masks of one run at its steps have in common.
private struct Chain: Hashable {
  private let definition: RecordedDefinition
  private let values: [String: String]
  private let folder: String?

  init(_ definition: RecordedDefinition, _ values: [String: String], folder: String?) {
    self.definition = definition
    self.values = values
    self.folder = folder
  }
}

/// What two checkpoints of one run at one step have in common if they are the same.
private struct Twin: Hashable {
  private let values: [String: String]
  private let folder: String?
  private let step: Int
  private let content: String

  /// Nil where no step is recorded, for runs that changed nothing are all the same, and for a mask that
  /// no checkpoint has.
  init?(_ mask: AskedMask, _ one: RunCase) {
    guard !mask.isDerived, let run = mask.places.first?.record.run, let step = one.step else {
      return nil
    }
    (values, folder, content) = (one.values, one.folder, run.digest)
    self.step = step
  }
}
