internal import ByteFormats
package import SystemPackage

extension CheckpointLocation {
  /// The folder with the files beside the weights, such as config.json.
  package var folder: FilePath {
    if Folder.kind(of: path) == .folder { return path }
    let parent = path.removingLastComponent()
    return parent.isEmpty ? FilePath(".") : parent
  }
}

extension CheckpointOpening {
  /// Says which weights beside the chosen ones were not read, and whether the chosen ones are all.
  mutating func noticeNeighbours(of location: CheckpointLocation) {
    let opened = Set(files.map { $0.file.path.lastComponent?.string ?? "" })
    if Folder.kind(of: location.path) == .folder {
      let names = (try? Folder.names(in: location.path)) ?? []
      let others = names.filter { Self.isWeights($0) && !opened.contains($0) }
      if !others.isEmpty { notices.append(.otherWeightsIgnored(files: others)) }
    } else if let name = opened.first, opened.count == 1, WeightFiles.isShard(name),
      companions.isEmpty
    {
      notices.append(.partOfCheckpoint(file: name))
    }
  }

  private static func isWeights(_ name: String) -> Bool {
    let isShardOfBin = name.hasPrefix("pytorch_model") && name.hasSuffix(".bin")
    return name.hasSuffix(".safetensors") || isShardOfBin || name.hasSuffix(".pth")
      || name == "adapter_config.json"
  }
}
