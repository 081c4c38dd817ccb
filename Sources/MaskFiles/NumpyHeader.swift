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
  /// The bytes of the header, before the first element.
  let byteCount: Int

  /// Reads the header of an array in the file `path`, named `name` if it has a name.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - name: the array's name.
  ///   - next: gives the next bytes, or throws where there are not as many.
  /// - Throws: `MaskImportError` where it is none that can be read, and what `next` throws.
  init(
    of path: FilePath,
    name: String? = nil,
    next: (Int) throws -> [UInt8]
  ) throws {
    let (text, byteCount) = try Self.text(next)
    let subject = name ?? "it"
    guard let text, let type = text.firstMatch(of: #/'descr':\s*'([^']+)'/#)?.output.1,
      let order = text.firstMatch(of: #/'fortran_order':\s*(True|False)/#)?.output.1,
      let sizes = text.firstMatch(of: #/'shape':\s*\(([0-9, ]*)\)/#)?.output.1
    else { throw MaskImportError(path, "\(subject) is no numpy array that can be read") }
    guard order == "False" else {
      throw MaskImportError(
        path,
        "\(subject) is in Fortran order; save it again after `np.ascontiguousarray`"
      )
    }
    let dimensions = sizes.split(separator: ",").map {
      Int($0.trimmingPrefix(" ").prefix { $0 != " " })
    }
    guard !dimensions.contains(nil), let shape = TensorShape(dimensions.compactMap(\.self)) else {
      throw MaskImportError(path, "\(subject) has the shape (\(sizes)), which no array has")
    }
    self.type = String(type)
    self.shape = shape
    self.byteCount = byteCount
  }

  /// The text of the header, and the bytes up to its end; no text where there is no header.
  private static func text(
    _ next: (Int) throws -> [UInt8]
  ) throws -> (text: String?, byteCount: Int) {
    let prefix = try next(8)
    guard prefix.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(prefix[6]) else {
      return (nil, 0)
    }
    let size = prefix[6] == 1 ? 2 : 4
    let length = try next(size).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 1 << 20 else { return (nil, 0) }
    return (String(decoding: try next(length), as: UTF8.self), 8 + size + length)
  }

  /// Whether the type is `name`, of one byte, whatever order is written before it.
  func isType(_ name: String) -> Bool { type == "|" + name || type == name || type == "<" + name }
}
