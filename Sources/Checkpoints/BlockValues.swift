package import ByteFormats
package import MaskModel

/// One block of one tensor in memory: as stored, and in each compare dtype that is asked for.
///
/// Scratch of one worker, reused block after block.
@safe
package final class BlockValues {
  private let memory: ScratchMemory
  private let stored: ScratchBytes
  private var converted: [FloatType: ScratchBytes] = [:]
  private var ready: Set<FloatType> = []
  private var scaled: (file: ReadableFile, offset: Int, scale: BlockScale?)?
  private var source: (bytes: ScratchBytes, type: FloatType)?
  /// The bytes of the block as stored.
  package private(set) var byteCount = 0
  private var count = 0

  /// Empty scratch in `memory`, 0.5 MiB and as much for each dtype that is converted to.
  package init(in memory: ScratchMemory = ScratchMemory()) {
    self.memory = memory
    stored = ScratchBytes(in: memory)
  }

  /// Reads `range` of `tensor`; fp8 values with scales are dequantised to fp32.
  package func load(_ tensor: StoredTensor, _ range: Range<Int>, of checkpoint: Checkpoint) throws {
    count = range.count
    ready = []
    byteCount = (range.count * tensor.type.bitWidth + 7) / 8
    try unsafe checkpoint.read(tensor, elements: range, into: stored.leading(byteCount))
    source = tensor.type.float.map { (stored, $0) }
    if let scale = try scale(of: tensor, in: checkpoint) {
      source = (dequantise(tensor, range, by: scale), .fp32)
      ready.insert(.fp32)
    }
  }

  /// The digest of the bytes as stored.
  package var digest: ContentDigest {
    ContentDigest(of: unsafe UnsafeRawBufferPointer(stored.leading(byteCount)).bytes)
  }

  /// The values in `type`, converted at the first call after a load.
  package func values(as type: FloatType) -> UnsafeRawPointer {
    guard let source else { preconditionFailure("the tensor is of no float type") }
    if source.type == type { return unsafe UnsafeRawPointer(source.bytes.start) }
    let target = converted[type] ?? ScratchBytes(in: memory)
    converted[type] = target
    if ready.insert(type).inserted {
      unsafe Kernels.convert(
        source.bytes.start,
        as: source.type,
        to: target.start,
        as: type,
        count: count
      )
    }
    return unsafe UnsafeRawPointer(target.start)
  }

  /// The scale of `tensor`, read from the file at the first of its blocks that this worker loads in a
  /// row: another checkpoint may have the same tensor at the same place, with other scales.
  private func scale(of tensor: StoredTensor, in checkpoint: Checkpoint) throws -> BlockScale? {
    let file = checkpoint.files[tensor.fileIndex]
    if let scaled, scaled.file === file, scaled.offset == tensor.offset { return scaled.scale }
    let scale = try checkpoint.scale(for: tensor)
    scaled = (file, tensor.offset, scale)
    return scale
  }

  private func dequantise(
    _ tensor: StoredTensor,
    _ range: Range<Int>,
    by scale: BlockScale
  ) -> ScratchBytes {
    let target = converted[.fp32] ?? ScratchBytes(in: memory)
    converted[.fp32] = target
    guard let type = tensor.type.float else { return target }
    unsafe Kernels.convert(stored.start, as: type, to: target.start, as: .fp32, count: range.count)
    let values = unsafe target.start.assumingMemoryBound(to: Float.self)
    for run in scale.runs(over: range, columns: tensor.shape.columns) {
      unsafe Kernels.scale(
        values + (run.positions.lowerBound - range.lowerBound),
        count: run.positions.count,
        by: run.factor
      )
    }
    return target
  }
}

/// Memory for the values of one block in any type.
@safe
private struct ScratchBytes {
  let start: UnsafeMutableRawPointer

  /// In memory that the holder of this keeps.
  init(in memory: ScratchMemory) { unsafe start = memory.take(Block.length * 8) }

  func leading(_ count: Int) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: start, count: count)
  }
}
