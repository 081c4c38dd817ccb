internal import ByteFormats
package import SystemPackage

/// The index of a sharded checkpoint: which file each tensor is in.
package struct ShardIndex: Sendable {
  /// Where the index is.
  let path: FilePath
  /// The file names, each once, in the order of their bytes.
  let shards: [String]
  /// The file of each tensor, as an index into `shards`.
  let places: [String: Int]

  /// Reads the index at `path`.
  ///
  /// `metadata.total_size` is not looked at: it is often wrong.
  package init(at path: FilePath) throws(CheckpointError) {
    let json = try JSONFile.read(path)
    guard let map = json["weight_map"]?.object else {
      throw CheckpointError(.noWeightMap, path: path)
    }
    var files: [String: String] = [:]
    for (tensor, value) in map { files[tensor] = try Self.shard(value, of: tensor, in: path) }
    let shards = Set(files.values).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: zip(shards, shards.indices))
    self.path = path
    self.shards = shards
    places = files.compactMapValues { numbers[$0] }
  }

  /// Opens every file, in the order of `shards`, and joins them with the index by name.
  package func open() throws(CheckpointError) -> [SafetensorsFile] {
    let folder = path.removingLastComponent()
    var files: [SafetensorsFile] = []
    for (number, shard) in shards.enumerated() {
      let place = folder.appending(shard)
      guard Folder.kind(of: place) != nil else {
        let tensors = places.values.count { $0 == number }
        throw CheckpointError(.missingShard(shard: shard, tensors: tensors), path: path)
      }
      files.append(try SafetensorsFile(at: place))
    }
    try check(files)
    return files
  }

  /// A plain file name: nothing that leads out of the folder of the index.
  private static func shard(
    _ value: JSONValue,
    of tensor: String,
    in path: FilePath
  ) throws(CheckpointError) -> String {
    guard let shard = value.string else {
      throw CheckpointError(.shardNotText(tensor: tensor), path: path)
    }
    let isPlain =
      !shard.isEmpty && shard != "." && shard != ".."
      && shard.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
    guard isPlain else {
      throw CheckpointError(.shardOutside(tensor: tensor, shard: shard), path: path)
    }
    return shard
  }

  /// That files and index agree on every tensor.
  private func check(_ files: [SafetensorsFile]) throws(CheckpointError) {
    var found: [String: Int] = [:]
    for (number, file) in files.enumerated() {
      for entry in file.entries {
        try checkPlace(
          of: entry.name,
          in: number,
          foundIn: found.updateValue(number, forKey: entry.name)
        )
      }
    }
    guard found.count < places.count else { return }
    let missing = places.keys.filter { found[$0] == nil }.sorted()[0]
    let shard = shards[places[missing] ?? 0]
    throw CheckpointError(.tensorNotInShard(tensor: missing, shard: shard), path: path)
  }

  private func checkPlace(
    of tensor: String,
    in number: Int,
    foundIn other: Int?
  ) throws(CheckpointError) {
    if let other {
      let both = [shards[other], shards[number]]
      throw CheckpointError(.tensorTwice(tensor: tensor, shards: both), path: path)
    }
    guard places[tensor] == number else {
      throw CheckpointError(.tensorNotInIndex(tensor: tensor, shard: shards[number]), path: path)
    }
  }
}
