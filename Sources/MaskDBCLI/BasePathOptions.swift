internal import ArgumentParser

/// Where the base is, if not where it was.
struct BasePathOptions: ParsableArguments {
  @Option(
    name: .customLong("base"),
    help: ArgumentHelp(
      "The base's files, for random masks by magnitude and for --names model; default where they were read from.",
      valueName: "checkpoint"
    )
  )
  var path: String?
}
