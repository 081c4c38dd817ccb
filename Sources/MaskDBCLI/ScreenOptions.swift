internal import ArgumentParser
internal import MaskQuery

/// Which pairs of many masks are shown.
struct ScreenOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Only pairs with a Jaccard index of at least this; what sizes rule out is not counted.",
      valueName: "0...1"
    )
  )
  var threshold: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only so many pairs, the most alike first.", valueName: "count")
  )
  var top: Int?

  func validate() throws {
    if let threshold, !(0...1).contains(threshold) {
      throw ValidationError("--threshold takes a Jaccard index from 0 to 1.")
    }
    if let top, top < 1 { throw ValidationError("--top takes a number of at least 1.") }
  }

  var screen: PairScreen { PairScreen(threshold: threshold, limit: top) }
}
