internal import ByteFormats
internal import SystemPackage

/// What a `.npy` file or member says of its array.
///
/// Source: `numpy.lib.format`; versions 1 to 3, C order.
struct NumpyHeader {
  /// The type as numpy writes it, such as `|b1`.
  let type: String
  let shape: [Int]
  /// Where the first element is in the file.
  let offset: Int

  var count: Int { shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue } }

  /// Reads the header at `start` of `file`.
  init(of file: ReadableFile, at start: Int = 0) throws {
    let fault = MaskImportError(file.path, "it is no numpy array that can be read")
    guard file.size - start >= 12 else { throw fault }
    let prefix = try file.bytes(start..<start + 12)
    guard prefix.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(prefix[6]) else {
      throw fault
    }
    let isShort = prefix[6] == 1
    let length = prefix[8..<(isShort ? 10 : 12)].reversed().reduce(0) { $0 << 8 | Int($1) }
    let begin = start + (isShort ? 10 : 12)
    guard length <= min(1 << 20, file.size - begin) else { throw fault }
    let text = String(decoding: try file.bytes(begin..<begin + length), as: UTF8.self)
    guard let type = text.firstMatch(of: #/'descr':\s*'([^']+)'/#)?.output.1,
      text.contains(#/'fortran_order':\s*False/#),
      let sizes = text.firstMatch(of: #/'shape':\s*\(([0-9, ]*)\)/#)?.output.1
    else { throw fault }
    let shape = sizes.split(separator: ",").map {
      Int($0.trimmingPrefix(" ").prefix { $0 != " " })
    }
    guard !shape.contains(nil) else { throw fault }
    self.type = String(type)
    self.shape = shape.compactMap(\.self)
    offset = begin + length
  }

  /// Whether the type is `name`, of one byte, whatever order is written before it.
  func isType(_ name: String) -> Bool { type == "|" + name || type == name || type == "<" + name }
}
