internal import ArgumentParser

/// Where the base is, if not where it was.
struct BasePathOptions: ParsableArguments {
  @Option(
    name: .customLong("base"),
    help: ArgumentHelp(
      "The base's files, where its values or names are needed; default where they were read from.",
      valueName: "checkpoint"
    )
  )
  var path: String?
}
