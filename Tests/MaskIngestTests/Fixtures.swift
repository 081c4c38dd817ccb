import ByteFormats
import Foundation
import MaskCatalog
import MaskIngest
import MaskModel
import SystemPackage
import TestSupport

struct Silence: ProgressReporter {
  func expect(bytes: Int) {}
  func advance(bytes: Int) {}
}

/// Every `stride`-th position of every tensor.
struct ArithmeticMask: MaskReader {
  let layout: ModelLayout
  let stride: Int
  var fails = false
  /// The tensors that have positions at all.
  var tensors = Int.max

  /// The same in the first `tensors` tensors alone.
  func within(_ tensors: Int) -> Self {
    Self(layout: layout, stride: stride, fails: fails, tensors: tensors)
  }

  var total: Int { layout.tensors.indices.reduce(0) { $0 + count(tensor: $1) } }

  func count(tensor: Int) -> Int {
    tensor < tensors ? (layout.tensors[tensor].shape.count + stride - 1) / stride : 0
  }

  func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    if fails, tensor == layout.tensors.count - 1 { throw CancellationError() }
    words.clear(from: 0)
    guard tensor < tensors else { return 0 }
    var count = 0
    let range = SegmentGrid.range(index, positions: layout.tensors[tensor].shape.count)
    let first = (range.lowerBound + stride - 1) / stride * stride
    for position in Swift.stride(from: first, to: range.upperBound, by: stride) {
      words.insert(position % SegmentGrid.length)
      count += 1
    }
    return count
  }

  func marginals(_ tensor: Int) -> TensorMarginals {
    let shape = layout.tensors[tensor].shape
    var rows = [UInt32](repeating: 0, count: shape.rows)
    var columns = [UInt32](repeating: 0, count: shape.columns)
    for position in Swift.stride(from: 0, to: shape.count, by: stride) {
      rows[position / shape.columns] += 1
      columns[position % shape.columns] += 1
    }
    return TensorMarginals(
      count: count(tensor: tensor),
      rows: shape.isMatrix ? rows : nil,
      columns: shape.isMatrix ? columns : nil,
      exponents: nil
    )
  }
}

/// Exponents that follow from positions: five binades in turn.
struct ArithmeticBinades: BinadeReader {
  let layout: ModelLayout
  var first = 110

  func read(tensor: Int, segment index: Int, into fields: inout [UInt8]) {
    let range = SegmentGrid.range(index, positions: layout.tensors[tensor].shape.count)
    fields = range.map { UInt8(first + $0 % 5) }
  }

  /// Every `stride`-th position of a tensor by binade.
  func totals(_ tensor: Int, stride: Int) -> [Int] {
    var totals = [Int](repeating: 0, count: 256)
    let end = layout.tensors[tensor].shape.count
    for position in Swift.stride(from: 0, to: end, by: stride) { totals[first + position % 5] += 1 }
    return totals
  }
}

/// Checkpoints of one tensor of two segments and one of a few positions.
enum Checkpoints {
  private static let shapes = [
    ("layers.0.w", [SegmentGrid.length / 1024 + 2, 1024]), ("norm", [70]),
  ]

  /// Adds a run of equal base and tuned checkpoints.
  static func addRun(to catalog: Catalog, in folder: TemporaryFolder) throws -> BaseRecord {
    let base = folder.path.appending("base.safetensors")
    let tuned = folder.path.appending("run.safetensors")
    try write(to: base, last: 0)
    try write(to: tuned, last: 1)
    let options = ComparisonOptions(
      definitions: [try DefinitionRequest(parsing: "paper")],
      threads: 1,
      environment: [:]
    )
    _ = try MaskAdder(to: catalog, options: options, progress: Silence())
      .add([AddItem(reference: tuned.string, name: "run")], base: base.string)
    return try catalog.runs()[0].base
  }

  /// bf16 zeros, but for the low byte of the last value.
  private static func write(to path: FilePath, last: UInt8) throws {
    var header = JSONObject()
    var end = 0
    for (name, shape) in shapes {
      let size = 2 * shape.reduce(1, *)
      header[name] = [
        "dtype": "BF16", "shape": .array(shape.map { .integer($0) }),
        "data_offsets": [.integer(end), .integer(end + size)],
      ]
      end += size
    }
    let text = Data(JSONValue.object(header).serialized().utf8)
    var bytes = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text
    bytes.append(Data(count: end - 1))
    bytes.append(last)
    try bytes.write(to: URL(fileURLWithPath: path.string))
  }
}
