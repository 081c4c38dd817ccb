internal import Checkpoints
internal import MaskModel
internal import Synchronization

extension Audit {
  /// A tensor that no mask has and that is not as it was: of integers, packed weights, scales that serve
  /// no comparison.
  public struct Altered: Sendable, Hashable {
    /// The tensor.
    public let name: String
    /// What differs, as a clause.
    public let reason: String
  }

  /// What differs between the tensors that are not compared by value: first those that the trained
  /// checkpoint lacks or has as another kind, then those that it alone has, then those of other bytes.
  ///
  /// Bytes are compared. The scales that fp8 weights are read with are left out, for the weights that they
  /// make are compared.
  static func altered(_ base: Checkpoint, _ trained: Checkpoint, threads: Int) throws -> [Altered] {
    var altered: [Altered] = []
    var pairs: [(base: StoredTensor, trained: StoredTensor)] = []
    for tensor in base.tensors where !tensor.isFloatParameter && !tensor.isScale {
      guard let other = trained[tensor.name] else {
        altered.append(Altered(name: tensor.name, reason: "the trained checkpoint lacks it"))
        continue
      }
      if other.type == tensor.type, other.shape == tensor.shape {
        pairs.append((tensor, other))
      } else {
        let reason = "\(kind(tensor)) became \(kind(other))"
        altered.append(Altered(name: tensor.name, reason: reason))
      }
    }
    for tensor in trained.tensors where !tensor.isFloatParameter && !tensor.isScale {
      guard base[tensor.name] == nil else { continue }
      altered.append(Altered(name: tensor.name, reason: "the base lacks this \(kind(tensor))"))
    }
    let counts = try differingBytes(pairs, base, trained, threads: threads)
    for (pair, count) in zip(pairs, counts) where count > 0 {
      let reason = "\(count) of \(pair.base.byteCount) bytes of \(kind(pair.base)) differ"
      altered.append(Altered(name: pair.base.name, reason: reason))
    }
    return altered
  }

  /// How many bytes of each pair differ.
  private static func differingBytes(
    _ pairs: [(base: StoredTensor, trained: StoredTensor)],
    _ base: Checkpoint,
    _ trained: Checkpoint,
    threads: Int
  ) throws -> [Int] {
    let found = Mutex([Int](repeating: 0, count: pairs.count))
    try Workers.run(threads, jobs: pairs.count) { _, next in
      while let job = next() {
        let (tensor, other) = pairs[job]
        let count = try differingBytes(tensor, of: base, other, of: trained)
        found.withLock { $0[job] = count }
      }
    }
    return found.withLock { $0 }
  }

  private static func kind(_ tensor: StoredTensor) -> String {
    "\(tensor.type.rawValue) \(tensor.shape)"
  }

  private static func differingBytes(
    _ tensor: StoredTensor,
    of base: Checkpoint,
    _ other: StoredTensor,
    of trained: Checkpoint
  ) throws -> Int {
    let step = 1 << 20
    var count = 0
    for start in stride(from: 0, to: tensor.shape.count, by: step) {
      let elements = start..<min(start + step, tensor.shape.count)
      let left = try base.bytes(of: tensor, elements: elements)
      let right = try trained.bytes(of: other, elements: elements)
      guard left != right else { continue }
      count += zip(left, right).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
    }
    return count
  }
}
