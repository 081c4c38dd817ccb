internal import ByteFormats
internal import SystemPackage

/// Which files of a location hold the weights.
enum WeightFiles: Sendable, Hashable {
  case single(FilePath)
  case sharded(index: FilePath)
}

extension WeightFiles {
  /// Chooses as `from_pretrained` does: `model.safetensors`, then its index, then what there is.
  init(at path: FilePath) throws(CheckpointError) {
    switch Folder.kind(of: path) {
    case .folder: try self.init(inFolder: path)
    case .file: try self.init(file: path)
    case .other: throw CheckpointError(FileError(.open, path, .notARegularFile))
    case nil: throw CheckpointError(.notFound(cache: nil), path: path)
    }
  }

  private init(file path: FilePath) throws(CheckpointError) {
    let name = path.lastComponent?.string ?? ""
    if name.hasSuffix(".safetensors.index.json") {
      self = .sharded(index: path)
    } else if !name.hasSuffix(".safetensors") || name.hasPrefix("adapter_"),
      let foreign = ForeignFormat(namesIn: [name])
    {
      throw CheckpointError(.foreign(foreign), path: path)
    } else {
      self = name.hasSuffix(".json") ? .sharded(index: path) : .single(path)
    }
  }

  private init(inFolder folder: FilePath) throws(CheckpointError) {
    let names: [String]
    do throws(FileError) {
      names = try Folder.names(in: folder)
    } catch {
      throw CheckpointError(error)
    }
    guard let chosen = try Self.choose(from: names, in: folder) else {
      throw Self.noWeights(in: folder, names: names)
    }
    self = chosen
  }

  private static func choose(
    from names: [String],
    in folder: FilePath
  ) throws(CheckpointError) -> WeightFiles? {
    if names.contains("model.safetensors") { return .single(folder.appending("model.safetensors")) }
    let indexes = names.filter { $0.hasSuffix(".safetensors.index.json") }
    let index = indexes.first { $0 == "model.safetensors.index.json" } ?? indexes.first
    if let index, indexes.count == 1 || index.hasPrefix("model.safetensors") {
      return .sharded(index: folder.appending(index))
    }
    let files = names.filter { $0.hasSuffix(".safetensors") && !$0.hasPrefix("adapter_") }
    guard let file = files.first else { return nil }
    guard files.count == 1, !isShard(file) else {
      throw CheckpointError(.noIndex(files: files), path: folder)
    }
    return .single(folder.appending(file))
  }

  /// `model-00001-of-00002.safetensors`, but not `model-00001-of-00001.safetensors`.
  static func isShard(_ name: String) -> Bool {
    name.contains(#/-\d{5}-of-(?!00001)\d{5}\./#)
  }
}

extension WeightFiles {
  /// The most telling thing about a folder without safetensors weights.
  private static func noWeights(in folder: FilePath, names: [String]) -> CheckpointError {
    if let foreign = ForeignFormat(namesIn: names) {
      return CheckpointError(.foreign(foreign), path: folder)
    }
    var survey = Survey()
    survey.look(in: folder, as: "", depth: 3)
    if survey.withWeights.isEmpty, let (name, format) = survey.foreign {
      return CheckpointError(.foreign(format), path: folder.pushing(FilePath(name)))
    }
    return CheckpointError(.noWeights(candidates: survey.withWeights), path: folder)
  }

  /// What the folders below a folder hold, by their names alone.
  private struct Survey {
    var withWeights: [String] = []
    var foreign: (String, ForeignFormat)?
    private var looks = 0

    mutating func look(in folder: FilePath, as place: String, depth: Int) {
      for name in (try? Folder.names(in: folder)) ?? [] where looks < 1000 {
        looks += 1
        let child = folder.appending(name)
        guard Folder.kind(of: child) == .folder else { continue }
        let names = (try? Folder.names(in: child)) ?? []
        if (try? WeightFiles.choose(from: names, in: child)) != nil {
          withWeights.append(place + name)
        } else if let format = ForeignFormat(namesIn: names), foreign == nil {
          foreign = (place + name, format)
        } else if depth > 1 {
          look(in: child, as: place + name + "/", depth: depth - 1)
        }
      }
    }
  }
}
