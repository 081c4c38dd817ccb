// swift-tools-version: 6.3
import PackageDescription

// Each setting once, with its source. None of them is an unsafe flag.
let testSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
  .enableExperimentalFeature("Lifetimes"),  // own ~Escapable types
  .treatAllWarnings(as: .error),  // SE-0480
]
let settings = testSettings + [.strictMemorySafety()]  // SE-0458

let cSettings: [CSetting] = [
  .enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error),
]

/// A Swift target of the house; the arrows between the rooms are these lists.
func room(_ name: String, needs dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, of dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name,
    dependencies: dependencies + ["TestSupport"],
    swiftSettings: testSettings
  )
}

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "maskdb",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "maskdb", targets: ["MaskDBCLI"]),
    .library(name: "MaskDB", targets: ["MaskDB"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // System libraries: a module map and a shim header each. Debian's libroaring has no .pc file.
    .systemLibrary(name: "CRoaring", providers: [.apt(["libroaring-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),

    .target(name: "CMaskKernels", cSettings: cSettings),

    room("ByteFormats", needs: ["CXXHash", "CZlib", system]),
    room("MaskModel", needs: ["ByteFormats", "CMaskKernels", "CRoaring", "CZstd"]),
    room("Checkpoints", needs: ["ByteFormats", "MaskModel", system]),
    room("MaskFiles", needs: ["ByteFormats", "MaskModel", "Checkpoints", system]),
    room(
      "MaskCatalog",
      needs: ["ByteFormats", "MaskModel", .product(name: "GRDB", package: "GRDB.swift"), system]
    ),
    room(
      "MaskIngest",
      needs: ["ByteFormats", "MaskModel", "Checkpoints", "MaskFiles", "MaskCatalog", system]
    ),
    room("MaskQuery", needs: ["ByteFormats", "MaskModel", "Checkpoints", "MaskCatalog"]),
    room("MaskReports", needs: ["ByteFormats", "MaskModel", "MaskQuery"]),
    room(
      "MaskDB",
      needs: [
        "ByteFormats", "MaskModel", "Checkpoints", "MaskFiles", "MaskCatalog", "MaskIngest",
        "MaskQuery", "MaskReports", system,
      ]
    ),
    .executableTarget(
      name: "MaskDBCLI",
      dependencies: [
        "MaskDB", "ByteFormats", "MaskModel", "Checkpoints", "MaskFiles", "MaskCatalog",
        "MaskIngest", "MaskQuery", "MaskReports", system,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings
    ),

    // What the tests of several rooms share.
    .target(
      name: "TestSupport",
      dependencies: [system],
      path: "Tests/TestSupport",
      swiftSettings: testSettings
    ),
    tests("MaskKernelsTests", of: ["CMaskKernels"]),
    tests("ByteFormatsTests", of: ["ByteFormats", system]),
    tests("MaskModelTests", of: ["MaskModel", "ByteFormats"]),
    tests("CheckpointsTests", of: ["Checkpoints", "ByteFormats", "MaskModel", system]),
    tests("MaskFilesTests", of: ["MaskFiles", "ByteFormats", "MaskModel", system]),
    tests(
      "MaskCatalogTests",
      of: [
        "MaskCatalog", "ByteFormats", "MaskModel", .product(name: "GRDB", package: "GRDB.swift"),
        system,
      ]
    ),
    tests(
      "MaskIngestTests",
      of: ["MaskIngest", "MaskCatalog", "MaskModel", "ByteFormats", system]
    ),
    tests("MaskDBTests", of: ["MaskDB"]),
    tests("MaskQueryTests", of: ["MaskQuery", "MaskModel"]),
    tests("MaskReportsTests", of: ["MaskReports", "MaskQuery", "MaskModel", "ByteFormats"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17
)
