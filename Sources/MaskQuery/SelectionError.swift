internal import ByteFormats
internal import MaskModel

/// Why a selection names no masks.
public struct SelectionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence: the reference, the reason, what there is instead.
  public let description: String

  static func unknown(_ reference: String, among names: [String]) -> SelectionError {
    let near = NearestNames.of(reference, among: names)
    let hint =
      near.isEmpty
      ? "`maskdb ls` lists what there is" : "did you mean \(near.joined(separator: " or "))?"
    return SelectionError(description: "no run or mask is named '\(reference)'; \(hint)")
  }

  static func noMask(
    of run: String,
    _ definition: DefinitionRequest?,
    among names: [String]
  ) -> SelectionError {
    let list = names.joined(separator: ", ")
    let reason =
      definition.map { "has no mask of definition \($0)" }
      ?? "has several masks and none of definition paper; say which"
    return SelectionError(description: "the run '\(run)' \(reason); it has \(list)")
  }

  /// A reference that means every one of `names`.
  static func ambiguous(_ reference: String, _ names: [String]) -> SelectionError {
    SelectionError(
      description: "'\(reference)' means several masks, \(names.joined(separator: ", ")); "
        + "name one of these"
    )
  }

  /// A glob that `count` runs fit, where one is wanted.
  static func severalRuns(_ pattern: String, count: Int) -> SelectionError {
    SelectionError(
      description: "'\(pattern)' fits \(count) runs, and one is to be named; "
        + "`maskdb ls '\(pattern)'` lists them"
    )
  }

  /// A glob where only names are taken, so that no run is changed by mistake.
  public static func glob(_ pattern: String) -> SelectionError {
    let runs = pattern.prefix { $0 != "@" }
    return SelectionError(
      description: "'\(pattern)' is a glob, which a command that changes runs does not take; "
        + "`maskdb ls '\(runs)'` lists what fits"
    )
  }

  static func empty(_ definition: DefinitionRequest?) -> SelectionError {
    let what = definition.map { "no run has a mask of definition \($0)" } ?? "no mask is selected"
    return SelectionError(description: "\(what); `maskdb ls` lists what there is")
  }

  /// Fewer than two masks are selected, so that there is no pair.
  public static func noPair(of names: [String]) -> SelectionError {
    let what = names.first.map { "\($0) is the only mask selected" } ?? "no mask is selected"
    return SelectionError(description: "\(what), and an overlap takes two; `maskdb ls` lists all")
  }

  /// No pair is as alike as `screen` asks for.
  public static func noPair(of count: Int, passing screen: PairScreen) -> SelectionError {
    let threshold = screen.threshold.map { "\($0)" } ?? "0"
    return SelectionError(
      description: "none of \(count, of: "pair") has a Jaccard index of at least \(threshold); "
        + "lower --threshold"
    )
  }

  /// Where one mask is wanted and a glob fits several.
  public static func several(_ reference: String, _ names: [String]) -> SelectionError {
    SelectionError(
      description:
        "'\(reference)' stands for \(names.count) masks, \(names.joined(separator: ", ")); "
        + "name one"
    )
  }

  /// A filter by a field that no run records.
  static func noField(_ key: String, among recorded: [String]) -> SelectionError {
    SelectionError(description: UnansweredQuestion.absence(of: key, among: recorded))
  }

  static func filteredOut(_ filters: String) -> SelectionError {
    SelectionError(
      description: "no selected run has \(filters); `maskdb ls --fields all` shows what they have"
    )
  }
}

/// The names that a mistyped one may have meant.
enum NearestNames {
  /// Up to three of `names`, nearest first: those within a third of the letters, or that contain it.
  static func of(_ text: String, among names: [String]) -> [String] {
    let ranked = Set(names).map { (name: $0, distance: distance(text, $0)) }
      .filter { $0.distance <= max(2, text.count / 3) || $0.name.contains(text) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    return ranked.prefix(3).map { "'\($0.name)'" }
  }

  /// The Levenshtein distance: insertions, deletions and replacements.
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in right.indices {
        let replaced = diagonal + (letter == right[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[right.count]
  }
}
