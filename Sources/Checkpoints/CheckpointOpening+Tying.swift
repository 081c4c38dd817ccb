internal import ByteFormats

extension CheckpointOpening {
  /// Leaves out a stored head that is the embedding again, so that its weights count once.
  ///
  /// A head of other bytes stays, whatever config.json says: transformers 5 loads it and ties nothing. Where
  /// nothing is said, as beside weights without a config.json, the bytes decide.
  mutating func dropTiedHead() throws(CheckpointError) {
    let head = tensors.firstIndex { Self.ends($0.name, "lm_head.weight") }
    let embedding = embedding(like: head.map { tensors[$0] })
    let stated = statedTying
    tiesWordEmbeddings = stated ?? (embedding != nil)
    guard tiesWordEmbeddings, let head, let embedding else { return }
    let name = tensors[head].name
    if try isIdentical(tensors[head], embedding) {
      tensors.remove(at: head)
      let isStated = stated != nil
      notices.append(.tiedHeadDropped(head: name, embedding: embedding.name, isStated: isStated))
    } else {
      tiesWordEmbeddings = false
      if stated != nil { notices.append(.headNotTied(head: name, embedding: embedding.name)) }
    }
  }

  /// What config.json says, at the top or for the language model of a multimodal one.
  private var statedTying: Bool? {
    let places = [config, config?["text_config"]]
    let stated = places.compactMap { $0?["tie_word_embeddings"]?.bool }
    return stated.isEmpty ? nil : stated.contains(true)
  }

  /// The input embedding; of several, one of the shape of the head.
  private func embedding(like head: StoredTensor?) -> StoredTensor? {
    let names = ["embed_tokens.weight", "transformer.wte.weight", "wte.weight"]
    let all = tensors.filter { tensor in names.contains { Self.ends(tensor.name, $0) } }
    return all.first { $0.shape == head?.shape } ?? all.first
  }

  /// Whether `name` is `path` or ends with it at a dot.
  private static func ends(_ name: String, _ path: String) -> Bool {
    name == path || name.hasSuffix("." + path)
  }

  /// Whether two tensors are the same to the last byte.
  private func isIdentical(
    _ left: StoredTensor,
    _ right: StoredTensor
  ) throws(CheckpointError) -> Bool {
    guard left.type == right.type, left.shape == right.shape else { return false }
    let step = 1 << 20
    for start in stride(from: 0, to: left.byteCount, by: step) {
      let range = start..<min(start + step, left.byteCount)
      if try bytes(range, of: left) != bytes(range, of: right) { return false }
    }
    return true
  }

  private func bytes(
    _ range: Range<Int>,
    of tensor: StoredTensor
  ) throws(CheckpointError) -> [UInt8] {
    do throws(FileError) {
      let file = files[tensor.fileIndex].file
      return try file.bytes(tensor.offset + range.lowerBound..<tensor.offset + range.upperBound)
    } catch {
      throw CheckpointError(error)
    }
  }
}
