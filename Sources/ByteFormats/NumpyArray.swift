/// An array in the `.npy` format, version 1.0, in C order and little-endian.
///
/// Loads without pickle: numbers, or texts as a fixed-width unicode array.
public struct NumpyArray: Sendable {
  /// The file.
  public let bytes: [UInt8]

  /// Integers of `shape`, as `int64`.
  public init(_ values: [Int], shape: [Int]) {
    self.init("<i8", shape, values.count) { writer in
      for value in values { writer.append(Int64(value)) }
    }
  }

  /// Numbers of `shape`, as `float64`; what is nil becomes NaN.
  public init(_ values: [Double?], shape: [Int]) {
    self.init("<f8", shape, values.count) { writer in
      for value in values { writer.append((value ?? .nan).bitPattern) }
    }
  }

  /// Texts of `shape`, as a unicode array as wide as the longest.
  public init(_ texts: [String], shape: [Int]) {
    let scalars = texts.map { $0.unicodeScalars.map(\.value) }
    let width = max(scalars.map(\.count).max() ?? 0, 1)
    self.init("<U\(width)", shape, texts.count) { writer in
      for text in scalars {
        let padding = [UInt32](repeating: 0, count: width - text.count)
        for scalar in text + padding { writer.append(scalar) }
      }
    }
  }

  private init(_ type: String, _ shape: [Int], _ count: Int, _ fill: (inout ByteWriter) -> Void) {
    precondition(shape.reduce(1, *) == count, "an array has as many elements as its shape says")
    var writer = ByteWriter()
    writer.append(contentsOf: Self.header(type, shape: shape))
    fill(&writer)
    bytes = writer.bytes
  }
}

extension NumpyArray {
  /// What stands before the elements of an array of `shape` whose elements are of `type`, such as `|b1`.
  ///
  /// Source: `numpy.lib.format`, version 1.0.
  public static func header(_ type: String, shape: [Int]) -> [UInt8] {
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    let room = (64 - (10 + header.utf8.count + 1) % 64) % 64
    var writer = ByteWriter()
    writer.append(contentsOf: [0x93] + Array("NUMPY".utf8) + [1, 0])
    writer.append(UInt16(header.utf8.count + room + 1))
    writer.append(contentsOf: Array((header + String(repeating: " ", count: room) + "\n").utf8))
    return writer.bytes
  }
}
