internal import CZlib

/// Compresses bytes as zlib does.
enum Deflate {
  /// The zlib stream (RFC 1950) of `bytes`.
  static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    let bound = Int(compressBound(uLong(bytes.count)))
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { target, count in
      var size = uLong(bound)
      let code = unsafe compress2(
        target.baseAddress,
        &size,
        bytes,
        uLong(bytes.count),
        Z_DEFAULT_COMPRESSION
      )
      // There is room for whatever the bytes are, so nothing but memory can be missing.
      precondition(code == Z_OK, "zlib: out of memory")
      count = Int(size)
    }
  }
}
