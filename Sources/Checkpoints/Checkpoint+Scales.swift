internal import ByteFormats
internal import MaskModel

extension Checkpoint {
  /// The factors of an fp8 tensor; nil for other types and where none are stored.
  ///
  /// DeepSeek stores `X.weight_scale_inv`, which despite its name is multiplied, one factor for
  /// each 128 x 128 block or what `quantization_config.weight_block_size` of config.json says.
  /// `X.weight_scale` of compressed-tensors is one factor for the tensor or one for each row.
  /// Fused experts have such factors for each expert. Throws `.malformed` where they do not fit.
  public func scale(for tensor: StoredTensor) throws(CheckpointError) -> BlockScale? {
    guard tensor.type == .f8E4M3 || tensor.type == .f8E5M2 else { return nil }
    let names = StoredTensor.scaleNames(of: tensor.name)
    guard let scales = names.lazy.compactMap({ self[$0] }).first else { return nil }
    let grid = BlockGrid.candidates(for: tensor.shape, blockSize: blockSize)
      .first { $0.fits(scales.shape.dimensions) }
    guard let grid, scales.type.holdsFactors else {
      let path = files[tensor.fileIndex].path
      throw CheckpointError(.scalesDoNotFit(tensor: tensor.name, scales: scales.name), path: path)
    }
    return BlockScale(
      values: try factors(scales),
      blockRows: grid.block.rows,
      blockColumns: grid.block.columns,
      blocksPerRow: grid.shape.last ?? 1
    )
  }

  private var blockSize: (rows: Int, columns: Int) {
    StatedBlockSize(config).size ?? (128, 128)
  }

  private func factors(_ tensor: StoredTensor) throws(CheckpointError) -> [Float] {
    let bytes = try bytes(of: tensor)
    let width = tensor.type.bitWidth / 8
    return stride(from: 0, to: bytes.count, by: width).map { start in
      let pattern = bytes[start..<start + width].reversed().reduce(UInt32(0)) {
        $0 << 8 | UInt32($1)
      }
      return tensor.type.factor(pattern)
    }
  }
}

/// What config.json says of the blocks that fp8 weights have a factor each for.
struct StatedBlockSize {
  /// Nil where nothing is said, or nothing that can be meant.
  private(set) var size: (rows: Int, columns: Int)?
  /// Whether something is said that is no pair of positive numbers.
  private(set) var isMalformed = false

  init(_ config: JSONValue?) {
    guard let stated = config?["quantization_config"]?["weight_block_size"], !stated.isNull else {
      return
    }
    let numbers = stated.array?.map(\.int) ?? []
    guard numbers.count == 2, let rows = numbers[0], let columns = numbers[1], rows > 0, columns > 0
    else {
      isMalformed = true
      return
    }
    size = (rows, columns)
  }
}

extension StoredType {
  /// Whether scales are stored in this type.
  fileprivate var holdsFactors: Bool { [.f32, .bf16, .f16, .f8E8M0].contains(self) }

  /// The factor with the bits `pattern`.
  fileprivate func factor(_ pattern: UInt32) -> Float {
    switch self {
    case .bf16: Float(bitPattern: pattern << 16)
    case .f16: Float(Float16(bitPattern: UInt16(truncatingIfNeeded: pattern)))
    // A power of two without a sign: 2^(pattern - 127), and NaN for 255.
    case .f8E8M0:
      pattern == 255 ? .nan : Float(sign: .plus, exponent: Int(pattern) - 127, significand: 1)
    default: Float(bitPattern: pattern)
    }
  }
}
