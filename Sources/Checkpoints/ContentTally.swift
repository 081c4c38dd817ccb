package import ByteFormats
internal import MaskModel
internal import Synchronization

/// Gathers the digests of a checkpoint's blocks, in any order, into its content digest.
///
/// The content digest covers every tensor's name, dtype, shape and bytes in natural order of the
/// names: equal for equal weights however they are sharded, and whatever else the files hold. Where
/// config.json says which blocks fp8 weights have their scales for, that is part of what they are, too.
package final class ContentTally: Sendable {
  private let tensors: [StoredTensor]
  private let places: [String: Int]
  private let digests: Mutex<[[ContentDigest]]>
  private let blockSize: [Int]

  package init(_ checkpoint: Checkpoint) {
    tensors = checkpoint.tensors
    let stated = tensors.contains(where: \.isScale) ? StatedBlockSize(checkpoint.config).size : nil
    blockSize = stated.map { [$0.rows, $0.columns] } ?? []
    places = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
    let blank = ContentDigest(high: 0, low: 0)
    digests = Mutex(
      tensors.map { Array(repeating: blank, count: Block.count(positions: $0.shape.count)) }
    )
  }

  /// Notes the digests of the blocks of `tensor` from block `first` on.
  package func note(_ blocks: [ContentDigest], from first: Int, of tensor: StoredTensor) {
    guard !blocks.isEmpty, let place = places[tensor.name] else { return }
    digests.withLock { digests in
      for (index, digest) in blocks.enumerated() { digests[place][first + index] = digest }
    }
  }

  /// The content digest, once every block is noted.
  package func finish() -> ContentDigest {
    digests.withLock { digests in
      var hasher = ContentHasher()
      for (tensor, blocks) in zip(tensors, digests) {
        hasher.update(text: tensor.name)
        hasher.update(text: tensor.type.rawValue)
        hasher.update(integers: tensor.shape.dimensions)
        for block in blocks { hasher.update(digest: block) }
      }
      if !blockSize.isEmpty { hasher.update(integers: blockSize) }
      return hasher.finish()
    }
  }
}
