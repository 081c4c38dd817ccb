package import ByteFormats
internal import MaskModel

extension Checkpoint {
  /// The digest of every tensor's name, dtype, shape and bytes.
  ///
  /// Reads the whole checkpoint, on `threads` threads.
  package func contentDigest(threads: Int) throws -> ContentDigest {
    let tally = ContentTally(self)
    let blocks = tensors.flatMap { tensor in
      (0..<Block.count(positions: tensor.shape.count)).map { (tensor, $0) }
    }
    try Workers.run(min(threads, blocks.count), jobs: blocks.count) { _, next in
      let values = BlockValues()
      while let job = next() {
        let (tensor, block) = blocks[job]
        try values.load(tensor, Block.range(block, positions: tensor.shape.count), of: self)
        tally.note([values.digest], from: block, of: tensor)
      }
    }
    try checkUnchanged()
    return tally.finish()
  }
}
