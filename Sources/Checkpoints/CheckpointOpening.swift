internal import ByteFormats
internal import MaskModel
internal import SystemPackage

/// A checkpoint on the way to being opened: what the steps of opening share.
struct CheckpointOpening {
  /// The files of weights, checked.
  let files: [SafetensorsFile]
  /// The other files that decide what the checkpoint is: the index and config.json.
  var companions: [FilePath] = []
  var config: JSONValue?
  var tensors: [StoredTensor] = []
  var notices: [CheckpointNotice] = []
  var tiesWordEmbeddings = false

  /// Opens the files of weights at `location` and reads config.json beside them.
  init(_ location: CheckpointLocation) throws(CheckpointError) {
    switch try WeightFiles(at: location.path) {
    case .single(let path):
      files = [try SafetensorsFile(at: path)]
    case .sharded(let index):
      files = try ShardIndex(at: index).open()
      companions.append(index)
    }
    readConfig(in: location.folder)
    noticeNeighbours(of: location)
  }

  private mutating func readConfig(in folder: FilePath) {
    let path = folder.appending("config.json")
    guard Folder.kind(of: path) == .file else { return }
    companions.append(path)
    do throws(CheckpointError) {
      config = try JSONFile.read(path)
    } catch {
      let problem = "\(error.reason)"
      notices.append(.fieldIgnored(file: "config.json", field: nil, problem: problem))
    }
  }
}

extension CheckpointOpening {
  /// Gives the tensors of all files their canonical names and puts them in natural order.
  mutating func nameTensors() throws(CheckpointError) {
    var storedNames: [String: String] = [:]
    var stripped = StrippedPrefixes()
    for (number, file) in files.enumerated() {
      for entry in file.entries {
        let name = CanonicalName(entry.name)
        if let other = storedNames.updateValue(entry.name, forKey: name.text) {
          let names = [other, entry.name]
          throw CheckpointError(
            .namesCollide(name: name.text, storedNames: names),
            path: file.file.path
          )
        }
        tensors.append(StoredTensor(entry, named: name.text, in: number, from: file.dataOffset))
        stripped.note(name.removed, of: entry.name)
      }
    }
    tensors.sort { NaturalOrder.precedes($0.name, $1.name) }
    notices += stripped.notices
  }

  /// Refuses a model saved by PEFT with its adapter beside the weights instead of in them.
  func refuseUnmergedLoRA() throws(CheckpointError) {
    let tensor = tensors.first { $0.name.contains(".lora_A.") || $0.name.contains(".base_layer.") }
    guard let tensor else { return }
    throw CheckpointError(.foreign(.unmergedLoRA), path: files[tensor.fileIndex].file.path)
  }

  /// Says which tensors are not compared because of their type.
  mutating func noticeTypes() {
    let skipped = tensors.filter { $0.type.float == nil && !$0.isAuxiliary }
    for (type, tensors) in Dictionary(grouping: skipped, by: \.type).sorted(by: {
      $0.key.rawValue < $1.key.rawValue
    }) {
      notices.append(.nonFloatTensors(type: type, names: tensors.map(\.name)))
    }
  }
}

extension StoredTensor {
  fileprivate init(
    _ entry: SafetensorsFile.Entry,
    named name: String,
    in file: Int,
    from dataOffset: Int
  ) {
    self.init(
      name: name,
      storedName: entry.name,
      shape: entry.shape,
      type: entry.type,
      fileIndex: file,
      offset: dataOffset + entry.range.lowerBound,
      byteCount: entry.range.count
    )
  }
}
