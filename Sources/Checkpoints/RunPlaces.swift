internal import ByteFormats
internal import MaskModel
internal import SystemPackage

/// A folder whose files tell of a run.
struct RunPlace: Sendable, Hashable {
  let folder: FilePath
  /// How many folders it is above the checkpoint's own.
  let height: Int

  var isOwn: Bool { height == 0 }

  /// The file `name` in it, and how to name it as a source; nil where there is none.
  func file(_ name: String) -> (path: FilePath, source: String)? {
    let path = folder.appending(name)
    guard Folder.kind(of: path) == .file else { return nil }
    return (path, String(repeating: "../", count: height) + name)
  }
}

/// The folder of a checkpoint and those above it that belong to the same run.
struct RunPlaces: Sendable, Hashable {
  /// From the checkpoint's own folder upwards.
  let all: [RunPlace]
  private let location: CheckpointLocation

  /// The checkpoint's own folder.
  var own: RunPlace { all[0] }

  init(_ location: CheckpointLocation) {
    var folder = Self.absolute(location.folder)
    var all = [RunPlace(folder: folder, height: 0)]
    while location.hub == nil, all.count < 4, Self.isWithinRun(folder) {
      folder = folder.removingLastComponent()
      all.append(RunPlace(folder: folder, height: all.count))
    }
    self.all = all
    self.location = location
  }

  /// The step that a folder is named after, where there is one.
  var step: Int? { all.lazy.compactMap { Self.step($0.folder) }.first }

  /// What tells the checkpoints of one run apart, such as `-step100`; empty where nothing does.
  var nameSuffix: String { step.map { "-step\($0)" } ?? "" }

  /// The name of the run's folder, and that after the name of the folder above it, each with what tells
  /// this checkpoint from others; none for a model of the hub's cache, whose folder is a commit.
  var folderNames: [String] {
    guard location.hub == nil, let folder = all.last?.folder, let run = folder.lastComponent else {
      return []
    }
    let name = run.string + nameSuffix
    let above = folder.removingLastComponent().lastComponent
    return [name] + (above.map { ["\($0.string)-\(name)"] } ?? [])
  }

  /// What the names of file and folders say.
  var fieldsFromNames: [RunField] {
    if let hub = location.hub {
      let name = hub.id.split(separator: "/").last.map(String.init) ?? hub.id
      return [Self.field("name", name, "Hugging Face cache")]
    }
    var fields: [RunField] = []
    if let step { fields.append(Self.field("step", String(step), "folder name")) }
    let stem = location.path.stem ?? ""
    if Folder.kind(of: location.path) == .file, !stem.hasPrefix("model") {
      fields.append(Self.field("name", stem, "file name"))
    } else if let name = folderNames.first {
      fields.append(Self.field("name", name, "folder name"))
    }
    return fields
  }
}

extension RunPlaces {
  /// The path from the root on; links keep their names, which the user chose.
  private static func absolute(_ path: FilePath) -> FilePath {
    let whole = path.isAbsolute ? path : (try? Folder.resolve(FilePath(".")))?.pushing(path)
    return (whole ?? path).lexicallyNormalized()
  }

  private static func field(_ key: String, _ value: String, _ source: String) -> RunField {
    RunField(key: key, value: value, source: source)
  }

  /// The step that a folder's name says: `checkpoint-100`, `global_step_50`.
  private static func step(_ folder: FilePath) -> Int? {
    let name = folder.lastComponent?.string ?? ""
    for prefix in ["checkpoint-", "global_step_"] where name.hasPrefix(prefix) {
      let digits = name.dropFirst(prefix.count)
      guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { continue }
      return Int(digits)
    }
    return nil
  }

  /// Whether the folder above belongs to the same run.
  private static func isWithinRun(_ folder: FilePath) -> Bool {
    let name = folder.lastComponent?.string ?? ""
    return step(folder) != nil || name == "huggingface" || name == "actor"
  }
}
