package import MaskModel

/// The binades of a checkpoint's values, read from its files.
package struct CheckpointBinades: BinadeReader {
  private let checkpoint: Checkpoint
  private let layout: ModelLayout
  private let type: FloatType

  /// The values of `checkpoint` in the tensors of `layout`, cast to `type`.
  package init(_ checkpoint: Checkpoint, layout: ModelLayout, type: FloatType) {
    self.checkpoint = checkpoint
    self.layout = layout
    self.type = type
  }

  package func checkUnchanged() throws { try checkpoint.checkUnchanged() }

  package func read(tensor: Int, segment number: Int, into fields: inout [UInt8]) throws {
    let positions = layout.tensors[tensor].shape.count
    let segment = SegmentGrid.range(number, positions: positions)
    fields = [UInt8](repeating: 0, count: segment.count)
    guard let stored = checkpoint[layout.tensors[tensor].name], stored.type.float != nil else {
      return
    }
    let values = BlockValues()
    for block in Block.indices(ofSegment: number, positions: positions) {
      let range = Block.range(block, positions: positions)
      try values.load(stored, range, of: checkpoint)
      unsafe Kernels.exponents(
        of: values.values(as: type),
        as: type,
        count: range.count,
        into: &fields,
        at: range.lowerBound - segment.lowerBound
      )
    }
  }
}
