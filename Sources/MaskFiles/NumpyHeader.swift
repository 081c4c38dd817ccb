internal import ByteFormats
internal import MaskModel
internal import SystemPackage

/// What a `.npy` file or member says of its array.
///
/// Source: `numpy.lib.format`; versions 1 to 3, C order.
struct NumpyHeader {
  /// The type as numpy writes it, such as `|b1`.
  let type: String
  let shape: TensorShape
  /// Where the first element is in the file.
  let offset: Int

  /// Reads the header at `start` of `file`, of the array `name` if it has one.
  init(of file: ReadableFile, at start: Int = 0, name: String? = nil) throws {
    let (text, end) = try Self.text(of: file, at: start)
    let subject = name ?? "it"
    guard let text, let type = text.firstMatch(of: #/'descr':\s*'([^']+)'/#)?.output.1,
      let order = text.firstMatch(of: #/'fortran_order':\s*(True|False)/#)?.output.1,
      let sizes = text.firstMatch(of: #/'shape':\s*\(([0-9, ]*)\)/#)?.output.1
    else { throw MaskImportError(file.path, "\(subject) is no numpy array that can be read") }
    guard order == "False" else {
      throw MaskImportError(
        file.path,
        "\(subject) is in Fortran order; save it again after `np.ascontiguousarray`"
      )
    }
    let dimensions = sizes.split(separator: ",").map {
      Int($0.trimmingPrefix(" ").prefix { $0 != " " })
    }
    guard !dimensions.contains(nil), let shape = TensorShape(dimensions.compactMap(\.self)) else {
      throw MaskImportError(file.path, "\(subject) has the shape (\(sizes)), which no array has")
    }
    self.type = String(type)
    self.shape = shape
    offset = end
  }

  /// The text of the header at `start`, and where it ends; nil where there is none.
  private static func text(
    of file: ReadableFile,
    at start: Int
  ) throws -> (text: String?, end: Int) {
    guard file.size - start >= 12 else { return (nil, start) }
    let prefix = try file.bytes(start..<start + 12)
    guard prefix.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(prefix[6]) else {
      return (nil, start)
    }
    let isShort = prefix[6] == 1
    let length = prefix[8..<(isShort ? 10 : 12)].reversed().reduce(0) { $0 << 8 | Int($1) }
    let begin = start + (isShort ? 10 : 12)
    guard length <= min(1 << 20, file.size - begin) else { return (nil, start) }
    let bytes = try file.bytes(begin..<begin + length)
    return (String(decoding: bytes, as: UTF8.self), begin + length)
  }

  /// Whether the type is `name`, of one byte, whatever order is written before it.
  func isType(_ name: String) -> Bool { type == "|" + name || type == name || type == "<" + name }
}
