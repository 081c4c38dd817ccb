internal import ByteFormats
internal import MaskModel

/// The pickle of a dictionary of bool tensors, in protocol 2, as `torch.save` lays it out.
///
/// Each tensor is `torch._utils._rebuild_tensor_v2(storage, 0, size, stride, False, OrderedDict())`; its
/// storage is a reference to the record `data/<index>`. What repeats is written once and recalled
/// from the memo. Only opcodes that `torch.load(weights_only=True)` knows are used.
struct TorchPickle {
  private var writer = ByteWriter()
  private var written: Set<Repeated> = []

  /// What every tensor repeats, each under its number in the memo.
  private enum Repeated: UInt8 {
    case rebuild, storage, dictionary, storageWord, device
  }

  /// The pickle for the tensors of `layout`, the storages numbered in its order.
  static func masks(_ layout: ModelLayout) -> [UInt8] {
    var pickle = TorchPickle()
    pickle.writer.append(contentsOf: [0x80, 2] + Array("}(".utf8))
    for (index, tensor) in layout.tensors.enumerated() {
      pickle.append(tensor.name)
      pickle.append(tensor.shape, storage: index)
    }
    pickle.writer.append(contentsOf: Array("u.".utf8))
    return pickle.writer.bytes
  }

  private mutating func append(_ shape: TensorShape, storage: Int) {
    append(.rebuild)
    writer.append(contentsOf: Array("((".utf8))
    append(.storageWord)
    append(.storage)
    append(String(storage))
    append(.device)
    append(shape.count)
    writer.append(contentsOf: Array("tQK".utf8) + [0])
    append(shape.dimensions)
    append(Self.strides(of: shape))
    writer.append(0x89 as UInt8)
    append(.dictionary)
    writer.append(contentsOf: Array(")RtR".utf8))
  }

  /// The steps of a contiguous tensor; of one without positions as far as they can be said.
  static func strides(of shape: TensorShape) -> [Int] {
    var strides: [Int] = []
    var step = 1
    for dimension in shape.dimensions.reversed() {
      strides.append(step)
      let (product, overflow) = step.multipliedReportingOverflow(by: max(1, dimension))
      step = overflow ? 1 : product
    }
    return strides.reversed()
  }

  private mutating func append(_ repeated: Repeated) {
    guard written.insert(repeated).inserted else {
      writer.append(contentsOf: [UInt8(ascii: "h"), repeated.rawValue])
      return
    }
    switch repeated {
    case .rebuild: appendGlobal("torch._utils\n_rebuild_tensor_v2")
    case .storage: appendGlobal("torch\nBoolStorage")
    case .dictionary: appendGlobal("collections\nOrderedDict")
    case .storageWord: append("storage")
    case .device: append("cpu")
    }
    writer.append(contentsOf: [UInt8(ascii: "q"), repeated.rawValue])
  }

  private mutating func appendGlobal(_ name: String) {
    writer.append(contentsOf: Array("c\(name)\n".utf8))
  }

  private mutating func append(_ integers: [Int]) {
    writer.append(UInt8(ascii: "("))
    for integer in integers { append(integer) }
    writer.append(UInt8(ascii: "t"))
  }

  private mutating func append(_ integer: Int) {
    switch integer {
    case 0..<256: writer.append(contentsOf: [UInt8(ascii: "K"), UInt8(integer)])
    case 256..<1 << 31:
      writer.append(UInt8(ascii: "J"))
      writer.append(UInt32(integer))
    default:
      writer.append(contentsOf: [0x8A, 8])
      writer.append(Int64(integer))
    }
  }

  private mutating func append(_ text: String) {
    writer.append(UInt8(ascii: "X"))
    writer.append(UInt32(text.utf8.count))
    writer.append(contentsOf: Array(text.utf8))
  }
}
