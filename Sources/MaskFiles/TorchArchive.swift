internal import ByteFormats
internal import MaskModel
internal import SystemPackage

/// The tensors that `torch.save` put into a zip archive, found without running anything.
///
/// Allowed are the names that tensors need: `OrderedDict`, the functions that rebuild tensors and
/// parameters, storages and dtypes. Anything else is refused by name.
struct TorchArchive {
  /// One tensor and where its bytes are.
  struct Tensor {
    /// The element type, as torch names its storage or dtype.
    let type: String
    /// The bytes of an element.
    let width: Int
    let shape: TensorShape
    let strides: [Int]
    /// Where its first byte is in the file.
    let offset: Int

    var count: Int { shape.count }

    var isMaskType: Bool { ["bool", "uint8", "int8"].contains(type) }

    /// Whether row-major order is the order of the bytes; steps of dimensions of 1 do not matter.
    var isContiguous: Bool {
      guard count > 0 else { return true }
      var step = 1
      for (size, stride) in Swift.zip(shape.dimensions, strides).reversed() {
        if size != 1, stride != step { return false }
        step *= size
      }
      return true
    }
  }

  let zip: ZipArchive
  let pickle: Pickle
  private let folder: String

  init(_ zip: ZipArchive) throws {
    self.zip = zip
    let path = zip.file.path
    guard let member = zip.members.first(where: { $0.name.hasSuffix("/data.pkl") }),
      member.range.count <= Self.pickleLimit
    else { throw MaskImportError(path, "its pickle is longer than \(Self.pickleLimit) bytes") }
    folder = String(member.name.dropLast("data.pkl".count))
    if let order = zip[folder + "byteorder"], try zip.bytes(of: order) != Array("little".utf8) {
      throw MaskImportError(path, "it was written on a machine of the other byte order")
    }
    do throws(PickleError) {
      pickle = try PickleMachine.read(try Self.bytes(of: member, in: zip), allowing: Self.names)
    } catch {
      throw MaskImportError(path, "it is refused, and nothing was executed: \(error)")
    }
  }

  private static let pickleLimit = 1 << 28

  private static func bytes(
    of member: ZipArchive.Member,
    in zip: ZipArchive
  ) throws(PickleError) -> [UInt8] {
    (try? zip.bytes(of: member)) ?? []
  }

  /// The storages of `torch` with the type and bytes of their elements.
  static let storages: [String: (type: String, width: Int)] = [
    "BoolStorage": ("bool", 1), "ByteStorage": ("uint8", 1), "CharStorage": ("int8", 1),
    "ShortStorage": ("int16", 2), "IntStorage": ("int32", 4), "LongStorage": ("int64", 8),
    "HalfStorage": ("float16", 2), "BFloat16Storage": ("bfloat16", 2),
    "FloatStorage": ("float32", 4),
    "DoubleStorage": ("float64", 8), "Float8_e4m3fnStorage": ("float8_e4m3fn", 1),
    "Float8_e5m2Storage": ("float8_e5m2", 1),
  ]

  private static let names: PickleNames = {
    let modules = ["torch", "torch.cuda", "torch.storage"]
    let untyped = modules.map { $0 + ".UntypedStorage" }
    let typed = storages.keys.flatMap { name in modules.map { "\($0).\(name)" } }
    let types = storages.values.map { "torch.\($0.type)" } + ["torch.uint16", "torch.uint32"]
    return PickleNames(
      functions: [
        "collections.OrderedDict", "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3", "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state", "torch.Size",
      ],
      values: Set(untyped + typed + types)
    )
  }()
}

extension TorchArchive {
  /// The tensor that `value` stands for; nil where it stands for something else.
  func tensor(_ value: PickleValue) throws -> Tensor? {
    guard let call = pickle.call(of: value) else { return nil }
    let arguments = call.arguments
    if call.function.hasPrefix("torch._utils._rebuild_parameter") {
      return try arguments.first.flatMap { try rebuilt($0) }
    }
    return try rebuilt(value)
  }

  private func rebuilt(_ value: PickleValue) throws -> Tensor? {
    guard let call = pickle.call(of: value), call.function.contains("_rebuild_tensor_v") else {
      return nil
    }
    let arguments = call.arguments
    guard arguments.count >= 6, let storage = pickle.identity(of: arguments[0]),
      storage.count >= 5, case .global(let kind) = storage[1], let key = storage[2].text,
      let start = arguments[1].integer, let shape = shape(arguments[2]),
      let strides = integers(arguments[3]), shape.dimensions.count == strides.count,
      let element = element(of: kind, arguments)
    else { throw damaged("a tensor of its pickle is malformed") }
    guard let member = zip[folder + "data/" + key] else {
      throw damaged("it has no record data/\(key)")
    }
    let end = Self.end(start: start, shape, strides)
    guard let end, end <= member.range.count / element.width else {
      throw damaged("a tensor reaches beyond its record data/\(key)")
    }
    return Tensor(
      type: element.type,
      width: element.width,
      shape: shape,
      strides: strides,
      offset: member.range.lowerBound + start * element.width
    )
  }

  /// The element after the last that the tensor reaches; nil where a number is out of range.
  private static func end(start: Int, _ shape: TensorShape, _ strides: [Int]) -> Int? {
    guard start >= 0, strides.allSatisfy({ $0 >= 0 }) else { return nil }
    guard shape.count > 0 else { return start }
    var last = start
    for (size, stride) in Swift.zip(shape.dimensions, strides) {
      let (step, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflow2) = last.addingReportingOverflow(step)
      guard !overflow, !overflow2, sum < .max else { return nil }
      last = sum
    }
    return last + 1
  }

  /// Of a storage with a type, or of an untyped one with the dtype of `_rebuild_tensor_v3`.
  private func element(
    of kind: String,
    _ arguments: [PickleValue]
  ) -> (type: String, width: Int)? {
    let name = kind.split(separator: ".").last.map(String.init) ?? ""
    if let storage = Self.storages[name] { return storage }
    guard arguments.count >= 7, case .global(let type) = arguments[6] else { return nil }
    return Self.storages.values.first { "torch.\($0.type)" == type }
  }

  /// The shape that a tuple, list or `torch.Size` is.
  func shape(_ value: PickleValue) -> TensorShape? { integers(value).flatMap { TensorShape($0) } }

  /// The whole numbers of a tuple, list or `torch.Size`.
  private func integers(_ value: PickleValue) -> [Int]? {
    if let call = pickle.call(of: value), call.function == "torch.Size" {
      return call.arguments.first.flatMap(integers(tuple:))
    }
    return integers(tuple: value)
  }

  private func integers(tuple value: PickleValue) -> [Int]? {
    guard let elements = pickle.elements(of: value) else { return nil }
    let integers = elements.map(\.integer)
    return integers.contains(nil) ? nil : integers.compactMap(\.self)
  }

  func damaged(_ reason: String) -> MaskImportError { MaskImportError(zip.file.path, reason) }
}
