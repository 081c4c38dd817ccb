internal import Checkpoints
internal import MaskCatalog
internal import MaskModel

/// Keeps the binades of a base's weights in the catalog, reading the base once more.
struct MagnitudeKeeper {
  let checkpoint: Checkpoint
  let store: StoredBinades

  /// The segments that are written in one transaction.
  private static let batch = 8

  /// Keeps what is not kept yet; each transaction is good by itself.
  func keep() throws {
    let values = BlockValues()
    for (ordinal, tensor) in store.layout.tensors.enumerated() {
      guard let stored = checkpoint[tensor.name], stored.type.float != nil else { continue }
      let kept = try store.kept(tensor: ordinal)
      let missing = (0..<SegmentGrid.count(positions: tensor.shape.count)).filter {
        !kept.contains($0)
      }
      for start in stride(from: 0, to: missing.count, by: Self.batch) {
        let numbers = missing[start..<min(start + Self.batch, missing.count)]
        let segments = try numbers.map { number in
          (number: number, fields: try fields(of: stored, segment: number, values))
        }
        try store.keep(segments, ofTensor: ordinal)
      }
    }
  }

  private func fields(
    of tensor: StoredTensor,
    segment number: Int,
    _ values: BlockValues
  ) throws -> [UInt8] {
    let segment = SegmentGrid.range(number, positions: tensor.shape.count)
    var fields = [UInt8](repeating: 0, count: segment.count)
    for block in Block.indices(ofSegment: number, positions: tensor.shape.count) {
      let range = Block.range(block, positions: tensor.shape.count)
      try values.load(tensor, range, of: checkpoint)
      unsafe Kernels.exponents(
        of: values.values(as: store.compareType),
        as: store.compareType,
        count: range.count,
        into: &fields,
        at: range.lowerBound - segment.lowerBound
      )
    }
    return fields
  }
}

extension MaskAdder {
  /// Keeps the binades of `base` in every compare dtype that masks of `runs` have.
  func keepMagnitudes(of base: OpenedBase, runs: [String]) throws {
    let masks = try catalog.masks().filter { runs.contains($0.run.name) }
    let types = Set(masks.compactMap(\.definition.compareType)).sorted { $0.rawValue < $1.rawValue }
    guard let record = masks.first?.run.base else { return }
    for type in types {
      try MagnitudeKeeper(
        checkpoint: base.checkpoint,
        store: catalog.binadeStore(of: record, as: type)
      ).keep()
    }
    try base.checkpoint.checkUnchanged()
  }
}
