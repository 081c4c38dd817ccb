internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import MaskModel

/// Where the base's exponents are looked for, when a random mask keeps counts by magnitude.
struct BinadeChoice: Sendable {
  /// The base's files, as the user named them; nil for where they were read from.
  let path: String?
  let environment: [String: String]

  /// The exponents of the base of `mask`, in its compare dtype.
  ///
  /// - Throws: `IncompatibleMasks` where the operands have no one compare dtype, or the base's files
  ///   are not to be had.
  func reader(for mask: EvaluatedMask, threads: Int) throws -> any BinadeReader {
    guard let type = mask.definition.compareType else {
      throw IncompatibleMasks(
        description: "random masks by magnitude need one compare dtype, and the masks of "
          + "'\(mask.expression)' have several; use match=tensor"
      )
    }
    let record = mask.base.record
    let location = path ?? record.location
    guard let found = try opened(location), try isBase(found, of: mask, threads: threads) else {
      throw IncompatibleMasks(
        description:
          "random masks by magnitude need the values of the base, and \(location) is not, "
          + "or is no longer, what was added as the base; name its files with --base, or use match=tensor"
      )
    }
    return CheckpointBinades(found, layout: mask.reader.layout, type: type)
  }

  /// The checkpoint at `location`; nil where there is none and nobody said that there is.
  private func opened(_ location: String) throws -> Checkpoint? {
    guard path == nil else { return try Checkpoint(at: location, environment: environment) }
    return try? Checkpoint(at: location, environment: environment)
  }

  /// Whether `found` is the base of `mask`: files that the catalog knows, or, where the user named
  /// them, files of the same content.
  private func isBase(_ found: Checkpoint, of mask: EvaluatedMask, threads: Int) throws -> Bool {
    let known = try mask.base.catalog.contentDigest(of: found.fingerprint.digest)
    guard known != nil || path != nil else { return false }
    return try (known ?? found.contentDigest(threads: threads)).description == mask.base.digest
  }
}

/// The exponents of a base's values, read from its files.
struct CheckpointBinades: BinadeReader {
  private let checkpoint: Checkpoint
  private let layout: ModelLayout
  private let type: FloatType

  init(_ checkpoint: Checkpoint, layout: ModelLayout, type: FloatType) {
    self.checkpoint = checkpoint
    self.layout = layout
    self.type = type
  }

  func read(tensor: Int, segment index: Int, into fields: inout [UInt8]) throws {
    let positions = layout.tensors[tensor].shape.count
    let segment = SegmentGrid.range(index, positions: positions)
    fields = [UInt8](repeating: 0, count: segment.count)
    guard let stored = checkpoint[layout.tensors[tensor].name], stored.type.float != nil else {
      return
    }
    let values = BlockValues()
    var wide = [Float](repeating: 0, count: Block.length)
    for block in Block.indices(ofSegment: index, positions: positions) {
      let range = Block.range(block, positions: positions)
      try values.load(stored, range, of: checkpoint)
      unsafe wide.withUnsafeMutableBytes { wide in
        guard let start = wide.baseAddress else { return }
        unsafe Kernels.convert(
          values.values(as: type),
          as: type,
          to: start,
          as: .fp32,
          count: range.count
        )
      }
      for place in range {
        let bits = wide[place - range.lowerBound].bitPattern
        fields[place - segment.lowerBound] = UInt8(truncatingIfNeeded: bits >> 23)
      }
    }
  }
}
