internal import ArgumentParser
internal import Foundation
internal import MaskCatalog
internal import MaskQuery
internal import SystemPackage

/// Where the catalog of a command is that writes to it, or looks at one file.
struct CatalogOptions: ParsableArguments {
  // Several are taken, to be refused with a sentence: of a single option the last one would count.
  @Option(
    name: .customLong("catalog"),
    help: ArgumentHelp("The catalog; default $MASKDB_CATALOG, else ./masks.maskdb.")
  )
  var catalogs: [String] = []

  func validate() throws {
    guard catalogs.count > 1 else { return }
    throw ValidationError("This command takes one --catalog; only commands that read take several.")
  }

  /// Whether the user said which.
  var isNamed: Bool { !catalogs.isEmpty }

  var path: FilePath { FilePath(catalogs.first ?? Self.fallback) }

  func open(ifAbsent absence: Catalog.Absence = .refused) throws -> Catalog {
    try Catalog(at: path, ifAbsent: absence)
  }

  /// The catalog of a command that names none.
  static var fallback: String {
    let named = ProcessInfo.processInfo.environment["MASKDB_CATALOG"] ?? ""
    return named.isEmpty ? "masks.maskdb" : named
  }
}

/// Where the catalogs of a question are.
struct CatalogsOptions: ParsableArguments {
  @Option(
    name: .customLong("catalog"),
    help: ArgumentHelp(
      "A catalog; may be repeated, to ask several at once. Where they have different runs of one "
        + "name, CATALOG:RUN says which, CATALOG being the file's name with or without its "
        + "extension, or the path. Default: $MASKDB_CATALOG, else ./masks.maskdb."
    )
  )
  var catalogs: [String] = []

  /// The catalogs, each once, by whatever path it is named.
  func open() throws -> CatalogSet {
    let paths = catalogs.isEmpty ? [CatalogOptions.fallback] : catalogs
    var seen: Set<String> = []
    let distinct = paths.filter { path in
      seen.insert(URL(fileURLWithPath: path).resolvingSymlinksInPath().path).inserted
    }
    return try CatalogSet(distinct.map { try Catalog(at: FilePath($0)) })
  }
}
