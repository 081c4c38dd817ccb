internal import Checkpoints
internal import MaskCatalog
internal import MaskModel

/// Keeps the binades of a base's weights in the catalog, reading the base once more.
struct MagnitudeKeeper {
  let checkpoint: Checkpoint
  let store: StoredBinades

  /// The segments that are written in one transaction.
  private static let batch = 8

  /// Keeps what is not kept yet; each transaction is good by itself: nothing is kept of files that
  /// changed before it.
  func keep() throws {
    let binades = CheckpointBinades(checkpoint, layout: store.layout, type: store.compareType)
    for (ordinal, tensor) in store.layout.tensors.enumerated()
    where checkpoint[tensor.name]?.type.float != nil {
      let kept = try store.kept(tensor: ordinal)
      let missing = (0..<SegmentGrid.count(positions: tensor.shape.count)).filter {
        !kept.contains($0)
      }
      for start in stride(from: 0, to: missing.count, by: Self.batch) {
        let numbers = missing[start..<min(start + Self.batch, missing.count)]
        let segments = try numbers.map { number in
          var fields: [UInt8] = []
          try binades.read(tensor: ordinal, segment: number, into: &fields)
          return (number: number, fields: fields)
        }
        try checkpoint.checkUnchanged()
        try store.keep(segments, ofTensor: ordinal)
      }
    }
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
  }
}
