internal import ByteFormats
internal import MaskModel

extension Checkpoint {
  /// The factors of an fp8 tensor; nil for other types and where none are stored.
  ///
  /// DeepSeek stores `X.weight_scale_inv`, which despite its name is multiplied, one factor for
  /// each 128 x 128 block or what `quantization_config.weight_block_size` of config.json says.
  /// `X.weight_scale` of compressed-tensors is one factor for the tensor or one for each row.
  /// Throws `.malformed` where the factors do not fit the tensor.
  public func scale(for tensor: StoredTensor) throws(CheckpointError) -> BlockScale? {
    guard tensor.type == .f8E4M3 || tensor.type == .f8E5M2 else { return nil }
    let names = StoredTensor.scaleNames(of: tensor.name)
    guard let scales = names.lazy.compactMap({ self[$0] }).first else { return nil }
    let rows = max(tensor.shape.rows, 1)
    let columns = max(tensor.shape.columns, 1)
    let forms: [(rows: Int, columns: Int)] = [blockSize, (rows, columns), (1, columns)]
    let shape = scales.shape.dimensions
    let form = forms.first {
      Self.fits(shape, BlockScale.grid(rows: rows, columns: columns, block: $0))
    }
    guard let form, scales.type.float.map({ $0.byteCount > 1 }) ?? false else {
      let path = files[tensor.fileIndex].path
      throw CheckpointError(.scalesDoNotFit(tensor: tensor.name, scales: scales.name), path: path)
    }
    return BlockScale(
      values: try floats(scales),
      blockRows: form.rows,
      blockColumns: form.columns,
      blocksPerRow: (columns + form.columns - 1) / form.columns
    )
  }

  private var blockSize: (rows: Int, columns: Int) {
    let stated =
      config?["quantization_config"]?["weight_block_size"]?.array?.compactMap(\.int) ?? []
    guard stated.count == 2, stated.allSatisfy({ $0 > 0 }) else { return (128, 128) }
    return (stated[0], stated[1])
  }

  /// Whether `shape` is `grid`, where a single factor and a single column may lack dimensions.
  private static func fits(_ shape: [Int], _ grid: [Int]) -> Bool {
    var short = grid
    while short.last == 1 {
      if shape == short { return true }
      short.removeLast()
    }
    return shape == short
  }

  /// The elements of a tensor of a decoded float type, as floats.
  private func floats(_ tensor: StoredTensor) throws(CheckpointError) -> [Float] {
    let bytes = try bytes(of: tensor)
    let width = tensor.type.bitWidth / 8
    return stride(from: 0, to: bytes.count, by: width).map { start in
      let pattern = bytes[start..<start + width].reversed().reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      }
      return switch tensor.type {
      case .bf16: Float(bitPattern: UInt32(pattern) << 16)
      case .f16: Float(Float16(bitPattern: UInt16(pattern)))
      case .f32: Float(bitPattern: UInt32(pattern))
      default: Float(Double(bitPattern: pattern))
      }
    }
  }
}
